/** @file Keys and values of sequences: views into the results of runs, copied only when rows join or leave a batch. */
import { feedFloat, type Feeds } from '#graph/runtime/runtime.ts';
import type { ModelSpec } from '#model/spec.ts';

/** The keys and values of one sequence within those of a batch; nobody writes to them. */
export interface CachedTokens {
	/** Keys then values of each layer, [B, G, L, S]. */
	readonly arrays: readonly Float32Array[];
	/** L */
	readonly slots: number;
	readonly row: number;
	/** Its slots: `from` … `from + length`. */
	readonly from: number;
	readonly length: number;
}

/** What a batch has seen, ready to be fed. Rows end at the same slot and begin where their padding ends. */
export interface Past {
	readonly feeds: Feeds;
	/** At least 1: WebGPU takes no empty tensors. */
	readonly slots: number;
	/** Slots in front of each row that nobody sees. */
	readonly padding: readonly number[];
}

/** The first tokens alone. */
export const truncated = (cache: CachedTokens, length: number): CachedTokens => ({
	...cache,
	length: Math.min(cache.length, length),
});

/** Puts sequences side by side, padded on the left; null is one without tokens. */
export function assemble(spec: ModelSpec, rows: readonly (CachedTokens | null)[]): Past {
	const { layers, keyValueHeads: G, headSize: S } = spec;
	const slots = Math.max(1, ...rows.map((row) => row?.length ?? 0));
	const padding = rows.map((row) => slots - (row?.length ?? 0));
	const [only] = rows;
	const whole = rows.length === 1 && only?.length === slots && only.slots === slots;
	const joined = (i: number): Float32Array => {
		// A batch of one: its arrays hold this row and no other.
		const own = whole ? only.arrays[i] : undefined;
		if (own?.length === G * slots * S) return own;
		const all = new Float32Array(rows.length * G * slots * S);
		rows.forEach((row, b) => {
			const from = row?.arrays[i];
			if (!row || !from) return;
			for (let g = 0; g < G; g++) {
				const start = ((row.row * G + g) * row.slots + row.from) * S;
				const to = ((b * G + g) * slots + (padding[b] ?? 0)) * S;
				all.set(from.subarray(start, start + row.length * S), to);
			}
		});
		return all;
	};
	const shape = [rows.length, G, slots, S];
	const feeds = Object.fromEntries(
		Array.from({ length: 2 * layers }, (_, i) => [`past/${i}`, feedFloat(joined(i), shape)]),
	);
	return { feeds, slots, padding };
}

/** The past and what a run of T tokens added to it. */
export function extended(past: Past, outputs: Feeds, steps: number): Past {
	const feeds = Object.fromEntries(
		Object.entries(outputs).flatMap(([name, feed]) =>
			name.startsWith('present/') ? [[name.replace('present', 'past'), feed]] : [],
		),
	);
	return { feeds, slots: past.slots + steps, padding: past.padding };
}

/** Each row of a batch, without its padding; `lengths` where rows end before the last slot. */
export function rowsOf(
	spec: ModelSpec,
	{ feeds, slots, padding }: Past,
	lengths?: readonly number[],
): readonly CachedTokens[] {
	const arrays = Array.from({ length: 2 * spec.layers }, (_, i) => {
		const data = feeds[`past/${i}`]?.data;
		if (!(data instanceof Float32Array)) throw new Error(`the graph gave no present/${i}`);
		return data;
	});
	return padding.map((from, row) => {
		const length = lengths?.[row] ?? slots - from;
		return { arrays, slots, row, from, length };
	});
}
