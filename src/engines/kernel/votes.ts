/** @file Sums of attention in the kernel's memory: how much each token of a sequence was looked at, head by head. */
import type { ModelSpec } from '#model/model-spec.ts';
import type { Heap } from '#kernel/heap.ts';
import type { Votes } from '../kv-cache/select.ts';

/** A table F32 [layers, heads, stride], all zeros at first. */
export interface VoteTable {
	readonly at: number;
	readonly stride: number;
	/** A copy outside the kernel's memory, one per layer. */
	read(): readonly Votes[];
	close(): void;
}

/** Opens a table for a sequence of `length` tokens. */
export function openVotes(
	heap: Heap,
	{ layers, heads, keyValueHeads }: ModelSpec,
	length: number,
): VoteTable {
	// Attention is added four tokens at a time.
	const stride = Math.ceil(length / 4) * 4;
	const bytes = 4 * layers * heads * stride;
	const at = heap.allocate(bytes);
	return {
		at,
		stride,
		read: () =>
			Array.from({ length: layers }, (_, layer) => {
				const values = new Float32Array(heads * length);
				for (let h = 0; h < heads; h++) {
					const row = at + 4 * (layer * heads + h) * stride;
					values.set(new Float32Array(heap.memory.buffer, row, length), h * length);
				}
				return { values, heads, keyValueHeads, length };
			}),
		close: () => {
			heap.free(at, bytes);
		},
	};
}
