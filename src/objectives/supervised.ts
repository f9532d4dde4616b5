/** @file Supervised loss: the mean negative log-likelihood of the completions, prompts left out. */
import { padBatch, type PadOptions, type WeightedRow } from '#training/data/pack.ts';
import type { WeightedBatch } from '#training/trainer.ts';

/** A prompt and what should follow it, end mark included; `weight` (default 1) scales its tokens. */
export interface TokenPair {
	readonly prompt: readonly number[];
	readonly completion: readonly number[];
	readonly weight?: number;
}

/** Weight 1 (or the pair's own) on completion tokens, 0 on the prompt. */
export function supervisedRow(pair: TokenPair): WeightedRow {
	const { prompt, completion, weight = 1 } = pair;
	if (prompt.length + completion.length < 2 || (prompt.length === 0 && completion.length > 0))
		throw new RangeError('A training row needs a prompt token and something to learn after it.');
	const tokens = [...prompt, ...completion];
	return { tokens, weights: tokens.slice(1).map((_, t) => (t + 1 >= prompt.length ? weight : 0)) };
}

/** One batch over pairs; divided by the number of completion tokens, as transformers does. */
export const supervised = (pairs: readonly TokenPair[], options: PadOptions): WeightedBatch =>
	padBatch(pairs.map(supervisedRow), {
		...options,
		normaliser: Math.max(
			1,
			pairs.reduce((n, pair) => n + pair.completion.length, 0),
		),
	});
