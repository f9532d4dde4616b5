/**
 * @file Selective language modelling (Lin et al. 2024, Rho-1, arXiv 2404.07965): of what was sampled under guidance, the
 * tokens that the unguided policy would hardly have said count most.
 *
 *   L = Σ wₜ·(−log p(xₜ | x<t)) / n;  wₜ ∝ f + (1 − f)·min(1, (sₜ/c)²), mean 1 over the learnt tokens of a row
 *
 * sₜ = −log p(xₜ) in nats when it was sampled, without the guidance; c the surprise of full weight, f the weight of an
 * expected token. Rho-1 takes the excess over a reference model and drops the rest. What a policy says freely teaches it
 * nothing in expectation and moves it at random; a bracket or a keyword that a grammar demanded is what is to be learnt.
 * Rows without log-probabilities weigh evenly.
 */
import { spread, type SampleBatch } from '#training/data/pack.ts';
import type { Weighed } from '#training/train.ts';
import { defineObjective, targetTokens } from './objective.ts';

/** Weight of a token that was expected, beside 1 for one of full surprise. */
const expected = 0.1;

/** `surprise`: nats of full weight. */
export function select(batch: SampleBatch, surprise: number): Weighed {
	const weights = spread(batch, ({ mask, logprobs }) => {
		if (!logprobs) return mask;
		const raw = logprobs.map((logprob, t) =>
			mask[t] === 0 || t === 0
				? 0
				: expected + (1 - expected) * Math.min(1, (logprob / surprise) ** 2),
		);
		const learnt = raw.filter((weight) => weight > 0);
		const mean = learnt.reduce((sum, weight) => sum + weight, 0) / Math.max(1, learnt.length);
		return raw.map((weight) => weight / (mean || 1));
	});
	return { weights, normaliser: targetTokens(batch), metrics: {} };
}

export const selectiveObjective = defineObjective({
	name: 'selective',
	about: 'says what was kept, above all what it would not have said unguided',
	options: {
		surprise: {
			kind: 'number',
			label: 'Full surprise',
			help: 'A token that was this unlikely when it was sampled, in nats, has full weight; likelier ones have less.',
			default: 5,
			min: 0.5,
			max: 40,
			step: 0.5,
		},
	},
	create: ({ surprise }) => ({
		name: 'selective',
		needs: [],
		weigh: (batch) => Promise.resolve(select(batch, surprise)),
	}),
});
