/** @file KV cache of one sequence: a view into the cache of a batch. */

/** Keys and values of one sequence inside those of a batch; these slots are never overwritten. */
export interface CachedTokens {
	/** Keys then values of each layer, [B, G, L, S]. */
	readonly arrays: readonly Float32Array[];
	/** L */
	readonly slots: number;
	readonly row: number;
	/** Its slots are `from` … `from + length`. */
	readonly from: number;
	readonly length: number;
}

/** The first `length` tokens. */
export const truncated = (cache: CachedTokens, length: number): CachedTokens => ({
	...cache,
	length: Math.min(cache.length, length),
});
