/**
 * @file KL penalty to a reference on the learnt tokens of a batch, to be added to another objective.
 *
 * With d = log πref(x) − log π(x), the estimators of KL(π ‖ πref) on sampled tokens (Schulman 2020, "Approximating KL
 * divergence") give these weights, β the coefficient and n the learnt tokens:
 *
 *   k3: L = β/n Σ (eᵈ − d − 1), the penalty of GRPO (Shao et al. 2024, arXiv 2402.03300, equation 4);  w = β·(eᵈ − 1)
 *   k1: β·d added to the reward, −E[∇log π · (−d)];  w = β·d, the gradient of L = β/n Σ ½d²
 *
 * The plain mean of −d has a gradient of expectation 0, so `k1` differentiates the expectation instead; it is unbiased
 * on-policy, k3 as a loss is not (Tang & Munos 2025, arXiv 2506.09477). On tokens that the policy did not sample, both
 * are penalties that are least if the policy gives each token the reference's probability.
 */
import {
	assertLogprobs,
	definePenalty,
	targetTokens,
	weighTokens,
	type Objective,
} from './objective.ts';

/** Settings of the penalty. */
export interface KlOptions {
	/** β; 0 is off. */
	readonly coefficient: number;
	readonly estimator: 'k1' | 'k3';
}

export const kl = ({ coefficient, estimator }: KlOptions): Objective => ({
	name: 'kl',
	needs: ['reference'],
	weigh: async (batch, ask) => {
		const [policy, reference] = [await ask.policy(), await ask.reference()];
		assertLogprobs(batch, policy);
		assertLogprobs(batch, reference);
		const normaliser = targetTokens(batch);
		let sum = 0;
		const weights = weighTokens(batch, (i) => {
			const d = (reference[i] ?? 0) - (policy[i] ?? 0);
			sum += estimator === 'k3' ? Math.expm1(d) - d : (d * d) / 2;
			return coefficient * (estimator === 'k3' ? Math.expm1(d) : d);
		});
		const divergence = sum / normaliser;
		return { weights, normaliser, metrics: { loss: coefficient * divergence, kl: divergence } };
	},
});

export const klPenalty = definePenalty({
	name: 'kl',
	about: 'holds the learnt tokens near the reference',
	options: {
		coefficient: {
			kind: 'number',
			label: 'Coefficient',
			help: 'How much the distance from the reference counts.',
			default: 0.1,
			min: 0,
			max: 100,
			scale: 'log',
		},
		estimator: {
			kind: 'choice',
			label: 'Estimator',
			help: 'k3: the penalty of GRPO, small in variance; k1: unbiased on sampled tokens.',
			default: 'k3',
			options: ['k3', 'k1'],
		},
	},
	create: kl,
});
