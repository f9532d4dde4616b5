/** @file Training sample: one token sequence with its loss mask and the log-probabilities at sampling time. */

/**
 * One sequence of T tokens. Arrays beside `tokens` have its length; entry t belongs to token t, and entry 0 is ignored,
 * since nothing predicts the first token.
 */
export interface Sample {
	/** [T] */
	readonly tokens: readonly number[];
	/** [T], 1 on tokens that are trained on, otherwise 0. */
	readonly mask: readonly number[];
	/** [T], nats: log-probabilities under the policy that sampled, at temperature 1; ignored if the mask is 0. */
	readonly logprobs?: readonly number[];
	/** Advantage of the sequence, or [T] for each token; policy gradients need it. */
	readonly advantage?: number | readonly number[];
	/** Multiplies the loss of every token in supervised training; default 1. */
	readonly weight?: number;
	/** Name of a group: answers to one prompt, or the two sides of a preference. */
	readonly group?: string;
	/** Side of a preference; a batch holds the chosen sample directly before the rejected one. */
	readonly pair?: 'chosen' | 'rejected';
	/** Of a chosen sample in a data set: the one that it is preferred to. */
	readonly rejected?: Sample;
	/** Said by the model before the training, which is held to the log-probabilities that it had then. */
	readonly isReplayed?: true;
}

/** Each chosen sample directly before its rejected one, as a batch holds them; others as they are. */
export const besideRejected = (samples: readonly Sample[]): readonly Sample[] =>
	samples.flatMap((sample) => (sample.rejected ? [sample, sample.rejected] : [sample]));

/** A prompt, not trained on, with its completion, end mark included, which is. */
export function continuationOf(prompt: readonly number[], completion: readonly number[]): Sample {
	if (prompt.length === 0 || completion.length === 0)
		throw new RangeError('A training row needs a prompt token and something to learn after it.');
	return {
		tokens: [...prompt, ...completion],
		mask: [...prompt.map(() => 0), ...completion.map(() => 1)],
	};
}
