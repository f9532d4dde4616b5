/** @file KV cache of one sequence: a view into the cache of a batch. */
import type { KvType } from '#base/limits.ts';

/** Keys and values of one sequence inside those of a batch; these slots are never overwritten. */
export interface CachedTokens {
	/** Keys then values of each layer, [B, G, L, S]; of a packed type, rows of as many 32-bit words as `rowWords` says. */
	readonly arrays: readonly Float32Array[];
	/** L */
	readonly slots: number;
	readonly row: number;
	/** Its slots are `from` … `from + length`. */
	readonly from: number;
	readonly length: number;
	/** Position of the next token, if tokens were dropped; otherwise it is `length`. */
	readonly position?: number;
	/** `f32` if absent. */
	readonly type?: KvType;
}

/** 32-bit words of a row of `size` numbers: 8-bit ones have a scale. */
export const rowWords = (type: KvType, size: number): number =>
	type === 'f32' ? size : type === 'f16' ? size / 2 : size / 4 + 1;

/** The first `length` tokens; of a compressed cache nobody knows them. */
export function truncated(cache: CachedTokens, length: number): CachedTokens {
	if (cache.position !== undefined && length < cache.length)
		throw new RangeError('a KV cache that lacks tokens has no beginning to share');
	return { ...cache, length: Math.min(cache.length, length) };
}
