/**
 * @file Supervised loss: mean negative log-likelihood of the learnt tokens, prompts left out.
 *
 *   L = Σ wₛ·(−log p(xₜ | x<t)) / n,  n learnt tokens, wₛ the sample's own weight (1)
 */
import { spread, type SampleBatch } from '#training/data/pack.ts';
import type { Weighed } from '#training/train.ts';
import { defineObjective, targetTokens, type Objective } from './objective.ts';

/** Weight 1 (or the sample's own) on trained tokens; divided by their number, as transformers does. */
export function supervise(batch: SampleBatch): Weighed {
	const isWeighted = batch.samples.some(({ weight = 1 }) => weight !== 1);
	const own = isWeighted ? spread(batch, ({ weight = 1 }) => weight) : undefined;
	return {
		weights: own ? own.map((w, i) => w * (batch.mask[i] ?? 0)) : batch.mask,
		normaliser: targetTokens(batch),
		metrics: {},
	};
}

export const supervised: Objective = {
	name: 'supervised',
	needs: [],
	weigh: (batch) => Promise.resolve(supervise(batch)),
};

export const supervisedObjective = defineObjective({
	name: 'supervised',
	about: 'says what was kept',
	options: {},
	create: () => supervised,
});
