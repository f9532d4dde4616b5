/** @file What a model remembers of the tokens of one sequence, wherever it was read. */

/** The keys and values of one sequence within those of a batch; these slots are never written again. */
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

/** The first tokens alone. */
export const truncated = (cache: CachedTokens, length: number): CachedTokens => ({
	...cache,
	length: Math.min(cache.length, length),
});
