/**
 * @file On-policy distillation: reverse KL to a teacher on tokens that the policy sampled (Agarwal et al. 2023, GKD,
 * arXiv 2306.13649; Gu et al. 2023, MiniLLM, arXiv 2306.08543, without the return of later tokens).
 *
 *   ∇ KL(π ‖ T) = −E[∇log π(xₜ) · (log T(xₜ) − log π(xₜ))];  wₜ = log T(xₜ) − log π(xₜ), n learnt tokens
 *
 * The teacher answers as the reference. The gradient is that of L = 1/n Σ ½(log T − log π)² over fixed tokens; the
 * metric `kl` is the unbiased estimate of the divergence, log π − log T.
 */
import {
	assertLogprobs,
	defineObjective,
	targetTokens,
	weighTokens,
	type Objective,
} from './objective.ts';

export const distil: Objective = {
	name: 'distil',
	needs: ['reference'],
	weigh: async (batch, ask) => {
		const [policy, teacher] = [await ask.policy(), await ask.reference()];
		assertLogprobs(batch, policy);
		assertLogprobs(batch, teacher);
		const normaliser = targetTokens(batch);
		const weights = weighTokens(batch, (i) => (teacher[i] ?? 0) - (policy[i] ?? 0));
		const total = (f: (w: number) => number) => weights.reduce((sum, w) => sum + f(w), 0);
		const loss = total((w) => (w * w) / 2) / normaliser;
		return { weights, normaliser, metrics: { loss, kl: -total((w) => w) / normaliser } };
	},
};

export const distilObjective = defineObjective({
	name: 'distil',
	about: 'says of what was kept what the reference says',
	options: {},
	create: () => distil,
});
