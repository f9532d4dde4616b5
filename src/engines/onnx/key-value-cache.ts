/**
 * @file Keys and values of sequences, in arrays that grow at their end: a run gives only what it adds, which is written
 * behind what was there. All is copied when rows join or leave a batch, and when an array is full.
 */
import { feedFloat, type Feeds } from '#graph/runtime/runtime.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { CachedTokens } from '../decoding/cached-tokens.ts';

/** What a batch has seen, ready to be fed. Rows end at the same slot and begin where their padding ends. */
export interface Past {
	/** Keys then values of each layer, [B, G, capacity, S]. */
	readonly arrays: readonly Float32Array[];
	/** At least 1: WebGPU takes no empty tensors. */
	readonly slots: number;
	/** Slots from `slots` on are empty and must be masked. */
	readonly capacity: number;
	/** Slots in front of each row that nobody sees. */
	readonly padding: readonly number[];
}

/** Makes room for numbers, zeros at first. */
export type Allocate = (size: number) => Float32Array;

/** Slots that a batch going token by token gets at a time. */
export const roomToStep = 32;

const arraysOf = (
	{ layers, keyValueHeads, headSize }: ModelSpec,
	rows: number,
	capacity: number,
	allocate: Allocate,
): readonly Float32Array[] => {
	const size = rows * keyValueHeads * capacity * headSize;
	// One piece of memory, so that a message names it once.
	const all = allocate(2 * layers * size);
	return Array.from({ length: 2 * layers }, (_, i) => all.subarray(i * size, (i + 1) * size));
};

/** Puts copies of sequences side by side, padded on the left; null is one without tokens. */
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

/** What a run is fed of the past. */
export const pastFeeds = (
	{ keyValueHeads: G, headSize: S }: ModelSpec,
	{ arrays, capacity, padding }: Past,
): Feeds =>
	Object.fromEntries(
		arrays.map((data, i) => [`past/${i}`, feedFloat(data, [padding.length, G, capacity, S])]),
	);

/** The past and what a run of T tokens added to it; the given one must not be extended again. */
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
		// A prompt is read in one piece or a few: what it does not need would only be masked.
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

/** Each row of a batch, without its padding; `lengths` where rows end before the last slot. */
export const rowsOf = (
	{ arrays, slots, capacity, padding }: Past,
	lengths?: readonly number[],
): readonly CachedTokens[] =>
	padding.map((from, row) => {
		const length = lengths?.[row] ?? slots - from;
		return { arrays, slots: capacity, row, from, length };
	});
