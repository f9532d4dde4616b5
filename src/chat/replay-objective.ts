/**
 * @file Objective of a person's rows beside texts that the base model wrote: the rows are learnt as they are without them, and the texts are held to
 * what the base model gave them (generative replay, Shin et al. 2017, by the KL of `objectives/kl.ts`).
 *
 * Differs from learning the texts: what is as likely as it was has no gradient, so that few texts can come up often.
 */
import { kl } from '#objectives/kl.ts';
import { pack } from '#training/data/pack.ts';
import type { Weigher } from '#training/train.ts';
import type { Trainer } from '#training/trainer.ts';
import { referenceFor, rowObjective, type Reference } from './row-objective.ts';

/** β: how much a nat of distance on the texts counts beside a nat of loss on the rows. */
export const hold = 5;

export interface ReplayParts {
	readonly trainer: Pick<Trainer, 'logprobs'>;
	readonly reference: Reference;
	readonly padToken: number;
	readonly signal: AbortSignal;
	readonly coefficient?: number;
}

/**
 * Weighs batches whose replayed samples come last; `metrics.held` is what they add to the weighted loss of a step, so that
 * the loss of the rows alone can be told.
 */
export function besideReplay(parts: ReplayParts): Weigher {
	const { trainer, reference, padToken, signal, coefficient = hold } = parts;
	const penalty = kl({ coefficient, estimator: 'k1' });
	const given = (batch: Parameters<Weigher['weigh']>[0]) => referenceFor(reference)(batch);
	return {
		weigh: async (batch, ask) => {
			const first = batch.samples.findIndex(({ isReplayed }) => isReplayed);
			if (first < 0) return rowObjective.weigh(batch, ask);
			// Each part is no longer than its longest sample.
			const rows = pack(batch.samples.slice(0, first), { padToken });
			const texts = pack(batch.samples.slice(first), { padToken });
			const policy = await trainer.logprobs(texts, signal);
			const held = await penalty.weigh(texts, {
				policy: () => Promise.resolve(policy),
				reference: () => given(texts),
			});
			const told = await rowObjective.weigh(rows, {
				policy: () => trainer.logprobs(rows, signal),
				reference: () => given(rows),
			});
			const weights = new Float32Array(batch.mask.length);
			const width = batch.length - 1;
			for (const [from, part, { weights: own, normaliser }] of [
				[0, rows, told],
				[first, texts, held],
			] as const)
				for (let row = 0; row < part.batch; row++)
					for (let t = 0; t < part.length - 1; t++)
						weights[(from + row) * width + t] =
							(own[row * (part.length - 1) + t] ?? 0) / normaliser;
			const surrogate = held.weights.reduce((sum, w, i) => sum - w * (policy[i] ?? 0), 0);
			return {
				...{ weights, normaliser: 1 },
				metrics: {
					...told.metrics,
					...{ kl: held.metrics['kl'] ?? 0, held: surrogate / held.normaliser },
				},
			};
		},
	};
}
