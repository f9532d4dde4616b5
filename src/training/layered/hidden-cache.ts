/**
 * @file Cache of hidden states below the trained layers, keyed by token rows.
 *
 * Each row is computed alone and cut to its own length, so that its bits do not depend on the batch: a run that resumes
 * with an empty cache gives the same result.
 */
import type { TensorMap } from '#model/tensor.ts';

/** Hidden states of earlier rows. */
export interface HiddenCache {
	/** One state [tokens, D] for each row; all missing rows are computed in one call. */
	rows(
		tokens: readonly Int32Array[],
		compute: (missing: readonly Int32Array[]) => Promise<readonly Float32Array[]>,
	): Promise<readonly Float32Array[]>;
	/** Clears the cache if one of these tensors has changed; returns whether none has. */
	follow(lower: TensorMap): boolean;
	clear(): void;
}

/** Creates a cache that evicts the least recently used rows beyond `bytes`. */
export function hiddenCache(bytes: number): HiddenCache {
	/** In order of last use. */
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
			// A LoRA whose B is zero has no effect, whatever its A.
			const active = new Map(
				[...lower].flatMap(([name, { data }]) => {
					const b = lower.get(name.replace('.lora_A.', '.lora_B.'))?.data;
					return b && !isZero(b) ? [[name, data] as const] : [];
				}),
			);
			const same =
				active.size === followed.size &&
				[...active].every(([name, data]) => {
					const before = followed.get(name);
					return before !== undefined && areSame(data, before);
				});
			if (same) return true;
			clear();
			followed = new Map([...active].map(([name, data]) => [name, data.slice()]));
			return false;
		},
	};
}

// Loops, since these are asked of millions of numbers before each step.
function isZero(all: Float32Array): boolean {
	for (let i = 0; i < all.length; i++) if (all[i] !== 0) return false;
	return true;
}

function areSame(a: Float32Array, b: Float32Array): boolean {
	for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
	return a.length === b.length;
}
