/**
 * @file Objective of a person's rows beside texts that the base model wrote: the rows are learnt as they are without them, and the texts are held to
 * what the base model gave them (generative replay, Shin et al. 2017, by the k1 estimator of `objectives/kl.ts`).
 *
 * Differs from learning the texts: what is as likely as it was has no gradient, so that few texts can come up often.
 */
import { targetTokens } from '#objectives/objective.ts';
import { pack, spread } from '#training/data/pack.ts';
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

/** Weighs batches whose replayed samples come last: these are the anchor of the step, whose loss is that of the rows alone. */
export function besideReplay(parts: ReplayParts): Weigher {
	const { trainer, reference, padToken, signal, coefficient = hold } = parts;
	const given = referenceFor(reference);
	return {
		weigh: async (batch, ask) => {
			const first = batch.samples.findIndex(({ isReplayed }) => isReplayed);
			if (first < 0) return rowObjective.weigh(batch, ask);
			// No longer than its longest row.
			const rows = pack(batch.samples.slice(0, first), { padToken });
			const told = await rowObjective.weigh(rows, {
				policy: () => trainer.logprobs(rows, signal),
				reference: () => given(rows),
			});
			const weights = new Float32Array(batch.mask.length);
			const [width, own] = [batch.length - 1, rows.length - 1];
			for (let row = 0; row < rows.batch; row++)
				for (let t = 0; t < own; t++)
					weights[row * width + t] = (told.weights[row * own + t] ?? 0) / told.normaliser;
			const isText = spread(batch, ({ isReplayed, mask }) => (isReplayed ? mask : 0));
			const texts = { ...batch, mask: isText };
			const by = coefficient / targetTokens(texts);
			const strength = isText.map((is) => is * by);
			return {
				...{ weights, normaliser: 1, metrics: told.metrics },
				anchor: { reference: await given(batch), strength },
			};
		},
	};
}
