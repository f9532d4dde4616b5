/** @file Compression of a prompt's KV cache: the kept keys and values of each layer and key-value head, copied once. */
import type { ModelSpec } from '#model/model-spec.ts';
import { rowWords, type CachedTokens } from '../decoding/cached-tokens.ts';
import { keptTokens, type Selection, type Votes } from './select.ts';

/** Kept tokens `[layer][keyValueHead]`, ascending places in the prompt, as many of each. */
export type KeptTokens = readonly (readonly Int32Array[])[];

/** The tokens that a selection keeps in each layer and key-value head. */
export const keptOf = (votes: readonly Votes[], selection: Selection): KeptTokens =>
	votes.map((layer, i) => keptTokens(layer, selection, i));

/** The cache with the tokens that a selection keeps. */
export const compressed = (
	cache: CachedTokens,
	votes: readonly Votes[],
	selection: Selection,
	spec: ModelSpec,
): CachedTokens => gathered(cache, keptOf(votes, selection), spec);

/**
 * The cache with only the kept tokens. Keys keep their rotation and decoding goes on at the position after the prompt, so
 * that distances stay true though slots move together.
 */
export function gathered(
	cache: CachedTokens,
	kept: KeptTokens,
	{ layers, keyValueHeads: G, headSize }: ModelSpec,
): CachedTokens {
	const count = kept[0]?.[0]?.length ?? 0;
	const S = rowWords(cache.type ?? 'f32', headSize);
	const arrays = cache.arrays.map((from, i) => {
		const to = new Float32Array(G * count * S);
		// Keys and values of a layer are neighbours.
		const sets = kept[Math.floor(i / 2)] ?? [];
		for (let g = 0; g < G; g++) {
			const first = (cache.row * G + g) * cache.slots + cache.from;
			const set = sets[g];
			if (set?.length !== count)
				throw new RangeError(`a KV cache of ${layers} layers keeps ${count} tokens in each`);
			set.forEach((t, slot) => {
				to.set(from.subarray((first + t) * S, (first + t + 1) * S), (g * count + slot) * S);
			});
		}
		return to;
	});
	const position = cache.position ?? cache.length;
	const { type } = cache;
	return { arrays, slots: count, row: 0, from: 0, length: count, position, ...(type && { type }) };
}
