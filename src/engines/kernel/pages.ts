/** @file Paged KV cache in the kernel's memory: a sequence takes pages as it grows. */
import type { ModelSpec } from '#model/model-spec.ts';
import type { CachedTokens } from '../decoding/cached-tokens.ts';
import { BackendError } from '#base/backend-error.ts';
import { pageTokens } from '#kernel/assembly/layout/blocks.ts';
import type { Heap } from '#kernel/heap.ts';

/** A sequence that holds its pages until it is closed. */
export interface PagedTokens {
	/** Address of its page table. */
	readonly list: number;
	/** Slots in use. */
	readonly length: number;
	/** Position of the next token: `length`, and the number of tokens that were dropped before. */
	readonly position: number;
	/** Allocates pages for `length` tokens in all, and sets the length. */
	extend(length: number): void;
	/** Truncates the sequence to `length` tokens. */
	cut(length: number): void;
	/** A copy outside the kernel's memory. */
	copied(): CachedTokens;
	close(): void;
}

/** Opens a sequence that starts with the given KV cache. */
export function openPages(heap: Heap, spec: ModelSpec, from: CachedTokens | null): PagedTokens {
	const { layers, keyValueHeads: G, headSize: S, contextLength } = spec;
	const pageBytes = 2 * layers * G * pageTokens * S * 4;
	const listBytes = 4 * Math.ceil(contextLength / pageTokens);
	const list = heap.allocate(listBytes);
	const pages: number[] = [];
	const dropped = from?.position === undefined ? 0 : from.position - from.length;
	let length = 0;

	const extend = (to: number): void => {
		if (to + dropped > contextLength)
			throw new RangeError(
				`The model reads ${contextLength} tokens at most, not ${to + dropped}; ask for less.`,
			);
		while (pages.length * pageTokens < to) {
			const page = heap.allocate(pageBytes);
			new Uint32Array(heap.memory.buffer)[list / 4 + pages.length] = page;
			pages.push(page);
		}
		length = Math.max(length, to);
	};
	/** Calls `copy` for each run of numbers that is contiguous here and in an array [G, slots, S]. */
	const pieces = (
		count: number,
		take: (index: number, stripe: number, token: number, here: Float32Array) => void,
	): void => {
		const { buffer } = heap.memory;
		pages.forEach((page, p) => {
			const token = p * pageTokens;
			const tokens = Math.min(pageTokens, count - token);
			if (tokens <= 0) return;
			for (let i = 0; i < 2 * layers; i++)
				for (let g = 0; g < G; g++) {
					const at = page + (i * G + g) * pageTokens * S * 4;
					take(i, g, token, new Float32Array(buffer, at, tokens * S));
				}
		});
	};
	const close = (): void => {
		for (const page of pages.splice(0)) heap.free(page, pageBytes);
		heap.free(list, listBytes);
	};
	if (from) {
		try {
			extend(from.length);
		} catch (error) {
			close();
			throw error;
		}
		pieces(length, (i, g, token, here) => {
			const start = ((from.row * G + g) * from.slots + from.from + token) * S;
			const there = from.arrays[i];
			if (there) here.set(there.subarray(start, start + here.length));
		});
	}
	return {
		list,
		get length() {
			return length;
		},
		get position() {
			return length + dropped;
		},
		extend,
		cut: (to) => {
			length = Math.min(length, to);
		},
		copied: () => {
			const size = G * length * S;
			// One array each: browsers refuse a single one of 2 GB, which a long text reaches.
			const arrays = Array.from({ length: 2 * layers }, () => arrayOf(size));
			pieces(length, (i, g, token, here) => {
				arrays[i]?.set(here, (g * length + token) * S);
			});
			const position = dropped > 0 ? { position: length + dropped } : {};
			return { arrays, slots: length, row: 0, from: 0, length, ...position };
		},
		close,
	};
}

function arrayOf(size: number): Float32Array {
	try {
		return new Float32Array(size);
	} catch (cause) {
		throw new BackendError(
			'out-of-memory',
			'There is not enough memory for so long a text; shorten it, or close other tabs.',
			{ cause },
		);
	}
}
