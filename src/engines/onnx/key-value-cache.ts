/**
 * @file KV cache of a batch in arrays with spare capacity: each run returns only the new slots, which are appended in
 * place. The cache is copied when rows join or leave, and when an array is full.
 */
import { feedFloat, type Feeds } from '#graph/runtime/runtime.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { CachedTokens } from '../decoding/cached-tokens.ts';

/** KV cache of a batch, ready to be fed. Rows end at the same slot and start after their padding. */
export interface Past {
	/** Keys then values of each layer, [B, G, capacity, S]. */
	readonly arrays: readonly Float32Array[];
	/** At least 1: WebGPU takes no empty tensors. */
	readonly slots: number;
	/** Slots from `slots` on are empty and must be masked. */
	readonly capacity: number;
	/** Masked slots on the left of each row. */
	readonly padding: readonly number[];
}

/** Allocates numbers, zeroed. */
export type Allocate = (size: number) => Float32Array;

/** Slots added at a time to a batch that decodes token by token. */
export const roomToStep = 32;

const arraysOf = (
	{ layers, keyValueHeads, headSize }: ModelSpec,
	rows: number,
	capacity: number,
	allocate: Allocate,
): readonly Float32Array[] => {
	const size = rows * keyValueHeads * capacity * headSize;
	// One allocation, so that it is transferred once.
	const all = allocate(2 * layers * size);
	return Array.from({ length: 2 * layers }, (_, i) => all.subarray(i * size, (i + 1) * size));
};

/** Copies sequences into one left-padded batch; null is a sequence without tokens. */
export function assemble(
	spec: ModelSpec,
	rows: readonly (CachedTokens | null)[],
	allocate: Allocate,
	room = 0,
): Past {
	const { keyValueHeads: G, headSize: S } = spec;
	const slots = Math.max(1, ...rows.map((row) => row?.length ?? 0));
	const capacity = slots + room;
	const padding = rows.map((row) => slots - (row?.length ?? 0));
	const arrays = arraysOf(spec, rows.length, capacity, allocate);
	arrays.forEach((all, i) => {
		rows.forEach((row, b) => {
			const from = row?.arrays[i];
			if (!row || !from) return;
			for (let g = 0; g < G; g++) {
				const start = ((row.row * G + g) * row.slots + row.from) * S;
				const to = ((b * G + g) * capacity + (padding[b] ?? 0)) * S;
				all.set(from.subarray(start, start + row.length * S), to);
			}
		});
	});
	return { arrays, slots, capacity, padding };
}

/** Feeds of a run from the cache. */
export const pastFeeds = (
	{ keyValueHeads: G, headSize: S }: ModelSpec,
	{ arrays, capacity, padding }: Past,
): Feeds =>
	Object.fromEntries(
		arrays.map((data, i) => [`past/${i}`, feedFloat(data, [padding.length, G, capacity, S])]),
	);

/** The cache with the slots that a run of T tokens added; the given one must not be extended again. */
export function extended(
	spec: ModelSpec,
	past: Past,
	outputs: Feeds,
	steps: number,
	allocate: Allocate,
): Past {
	const { keyValueHeads: G, headSize: S } = spec;
	const { slots, padding } = past;
	const stripes = padding.length * G;
	let { arrays, capacity } = past;
	if (slots + steps > capacity) {
		const [old, width] = [arrays, capacity];
		// A prompt is prefilled in one run or a few: spare slots would only be masked.
		capacity = slots + Math.max(steps, steps === 1 ? roomToStep : 0);
		arrays = arraysOf(spec, padding.length, capacity, allocate);
		arrays.forEach((to, i) => {
			for (let at = 0; at < stripes; at++) {
				const from = old[i]?.subarray(at * width * S, (at * width + slots) * S);
				if (from) to.set(from, at * capacity * S);
			}
		});
	}
	arrays.forEach((to, i) => {
		const added = outputs[`added/${i}`]?.data;
		if (!(added instanceof Float32Array)) throw new Error(`the graph gave no added/${i}`);
		const size = steps * S;
		for (let at = 0; at < stripes; at++)
			to.set(added.subarray(at * size, (at + 1) * size), (at * capacity + slots) * S);
	});
	return { arrays, slots: slots + steps, capacity, padding };
}

/** Each row of a batch without its padding; `lengths` if rows end before the last slot. */
export const rowsOf = (
	{ arrays, slots, capacity, padding }: Past,
	lengths?: readonly number[],
): readonly CachedTokens[] =>
	padding.map((from, row) => {
		const length = lengths?.[row] ?? slots - from;
		return { arrays, slots: capacity, row, from, length };
	});
