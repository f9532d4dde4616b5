/** @file Training sample: one token sequence, which of its tokens are learnt, and what is known of how they were said. */

/**
 * One sequence of T tokens to learn from. Arrays beside `tokens` have its length; entry t belongs to token t, and
 * entry 0 never counts, since nothing predicts the first token.
 */
export interface Sample {
	/** [T] */
	readonly tokens: readonly number[];
	/** [T], 1 on tokens that are learnt, else 0. */
	readonly mask: readonly number[];
	/** [T], nats: log-probabilities under the policy that sampled, at temperature 1; anything where the mask is 0. */
	readonly logprobs?: readonly number[];
	/** How much better than expected the sequence was, or [T] for each token; policy gradients need it. */
	readonly advantage?: number | readonly number[];
	/** Multiplies the loss of every token in supervised training; default 1. */
	readonly weight?: number;
	/** Name of what was sampled together: answers to one prompt, or the two sides of a preference. */
	readonly group?: string;
	/** Side of a preference; a batch holds the chosen sample directly before the rejected one. */
	readonly pair?: 'chosen' | 'rejected';
}

/** A prompt, which is not learnt, and the tokens after it, end mark included, which are. */
export function continuationOf(prompt: readonly number[], completion: readonly number[]): Sample {
	if (prompt.length === 0 || completion.length === 0)
		throw new RangeError('A training row needs a prompt token and something to learn after it.');
	return {
		tokens: [...prompt, ...completion],
		mask: [...prompt.map(() => 0), ...completion.map(() => 1)],
	};
}
