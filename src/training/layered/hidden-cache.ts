/**
 * @file Hidden states below the layers that learn, kept by the tokens they were made of.
 *
 * Each row is computed alone and cut to its own length, so that its bits do not depend on which batch asked first: a run
 * that goes on after a pause, with an empty cache, is the same run.
 */
import type { TensorMap } from '#model/tensor.ts';

/** What is known of rows that were asked for before. */
export interface HiddenCache {
	/** One state [tokens, D] for each row; what is not known is computed, all missing rows in one call. */
	rows(
		tokens: readonly Int32Array[],
		compute: (missing: readonly Int32Array[]) => Promise<readonly Float32Array[]>,
	): Promise<readonly Float32Array[]>;
	/** Forgets everything if one of these tensors is not what it was. */
	follow(lower: TensorMap): void;
	clear(): void;
}

/** Past `bytes` the rows that were asked for longest ago go first. */
export function hiddenCache(bytes: number): HiddenCache {
	/** In the order of last use. */
	const states = new Map<string, Float32Array>();
	let held = 0;
	let followed: ReadonlyMap<string, Float32Array> = new Map();
	const drop = (key: string): void => {
		held -= states.get(key)?.byteLength ?? 0;
		states.delete(key);
	};
	const put = (key: string, state: Float32Array): void => {
		drop(key);
		states.set(key, state);
		held += state.byteLength;
		for (const oldest of states.keys()) {
			if (held <= bytes) break;
			drop(oldest);
		}
	};
	const clear = (): void => {
		states.clear();
		held = 0;
	};
	return {
		clear,
		async rows(tokens, compute) {
			const keys = tokens.map((row) => row.join());
			const wanted = new Map(keys.map((key, i) => [key, tokens[i] ?? new Int32Array()]));
			const here = new Map<string, Float32Array>();
			for (const key of wanted.keys()) {
				const state = states.get(key);
				if (state) here.set(key, state);
			}
			const missing = [...wanted].filter(([key]) => !here.has(key));
			const made = missing.length > 0 ? await compute(missing.map(([, row]) => row)) : [];
			missing.forEach(([key], i) => {
				here.set(key, made[i] ?? new Float32Array());
			});
			for (const [key, state] of here) put(key, state);
			return keys.map((key) => here.get(key) ?? new Float32Array());
		},
		follow(lower) {
			// A LoRA whose B is zero changes nothing, whatever its A.
			const active = new Map(
				[...lower].flatMap(([name, { data }]) => {
					const b = lower.get(name.replace('.lora_A.', '.lora_B.'))?.data;
					return b?.some((v) => v !== 0) ? [[name, data] as const] : [];
				}),
			);
			const same =
				active.size === followed.size &&
				[...active].every(([name, data]) => {
					const before = followed.get(name);
					return before?.length === data.length && data.every((v, i) => v === before[i]);
				});
			if (same) return;
			clear();
			followed = new Map([...active].map(([name, data]) => [name, data.slice()]));
		},
	};
}
