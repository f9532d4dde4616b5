/** @file Paged KV cache in the kernel's memory: a sequence takes pages as it grows. */
import type { ModelSpec } from '#model/model-spec.ts';
import type { KvType } from '#base/limits.ts';
import { rowWords, type CachedTokens } from '../decoding/cached-tokens.ts';
import { BackendError } from '#base/backend-error.ts';
import { pageTokens } from '#kernel/assembly/layout/blocks.ts';
import type { Heap } from '#kernel/heap.ts';

/** A sequence that holds its pages until it is closed. */
export interface PagedTokens {
	/** Address of its page table. */
	readonly list: number;
	readonly type: KvType;
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

/** Slots of the largest page: a longer one is read no faster. */
const mostSlots = 512;

/** Whole entries of the page table that hold so many slots. */
const filled = (slots: number): number => Math.ceil(slots / pageTokens) * pageTokens;

/** Opens a sequence that starts with the given KV cache. Pages are made for `expected` tokens, if it becomes so long. */
export function openPages(
	heap: Heap,
	spec: ModelSpec,
	from: CachedTokens | null,
	expected = 0,
	type: KvType = 'f32',
): PagedTokens {
	const { layers, keyValueHeads: G, headSize, contextLength } = spec;
	const S = rowWords(type, headSize);
	if (from && (from.type ?? 'f32') !== type)
		throw new RangeError(`a KV cache in ${from.type ?? 'f32'} cannot go on in ${type}`);
	const stripes = 2 * layers * G;
	const slotBytes = 4 * S;
	const listBytes = 8 * Math.ceil(contextLength / pageTokens);
	const list = heap.allocate(listBytes);
	const pages: { readonly address: number; readonly first: number; readonly slots: number }[] = [];
	const dropped = from?.position === undefined ? 0 : from.position - from.length;
	let [length, room] = [0, 0];

	/** Allocates a page: all that is asked for, and more the longer the sequence is. */
	const grow = (to: number): void => {
		const asked = Math.max(to, Math.min(expected, contextLength)) - room;
		const left = filled(contextLength - room);
		const slots = Math.min(mostSlots, left, filled(Math.max(asked, room / 8)));
		const address = heap.allocate(stripes * slots * slotBytes);
		pages.push({ address, first: room, slots });
		const words = new Uint32Array(heap.memory.buffer);
		for (let slot = 0; slot < slots && room + slot < contextLength; slot += pageTokens) {
			const entry = list / 4 + (2 * (room + slot)) / pageTokens;
			words[entry] = address + slot * slotBytes;
			words[entry + 1] = slots * slotBytes;
		}
		room += slots;
	};
	const extend = (to: number): void => {
		if (to + dropped > contextLength)
			throw new RangeError(
				`The model reads ${contextLength} tokens at most, not ${to + dropped}; ask for less.`,
			);
		while (room < to) grow(to);
		length = Math.max(length, to);
	};
	/** Calls `copy` for each run of words that is contiguous here and in an array [G, slots, S]. */
	const pieces = (
		count: number,
		copy: (index: number, stripe: number, token: number, here: Float32Array) => void,
	): void => {
		const { buffer } = heap.memory;
		for (const { address, first, slots } of pages) {
			const tokens = Math.min(slots, count - first);
			if (tokens <= 0) return;
			for (let stripe = 0; stripe < stripes; stripe++) {
				const here = new Float32Array(buffer, address + stripe * slots * slotBytes, tokens * S);
				copy(Math.floor(stripe / G), stripe % G, first, here);
			}
		}
	};
	const close = (): void => {
		for (const { address, slots } of pages.splice(0))
			heap.free(address, stripes * slots * slotBytes);
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
		type,
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
			const held = type === 'f32' ? {} : { type };
			return { arrays, slots: length, row: 0, from: 0, length, ...position, ...held };
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
