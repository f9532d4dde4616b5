/**
 * @file Policy gradients on sampled answers: REINFORCE (Williams 1992), PPO's clipped objective (Schulman et al. 2017,
 * arXiv 1707.06347, equation 7), GRPO (Shao et al. 2024, arXiv 2402.03300), DAPO's wider upper clip and token mean
 * (Yu et al. 2025, arXiv 2503.14476), Dr. GRPO's plain sums (Liu et al. 2025, arXiv 2503.20783).
 *
 *   L = −Σₜ cₜ · min(rₜ·Aₜ, clip(rₜ, 1 − low, 1 + high)·Aₜ),  rₜ = π(xₜ) / π_sampled(xₜ)
 *
 * ∂L/∂ log π(xₜ) = −cₜ·Aₜ·rₜ if the unclipped term is the smaller, otherwise 0. Without clipping rₜ is taken as 1:
 * REINFORCE on answers of the policy itself.
 */
import { spread } from '#training/data/pack.ts';
import {
	assertLogprobs,
	defineObjective,
	targetTokens,
	weighTokens,
	type Objective,
} from './objective.ts';

/** Average of the terms: cₜ above. */
export type PolicyAverage =
	/** Over all trained tokens of the batch (DAPO, PPO). */
	| 'tokens'
	/** Over the tokens of each answer, then over answers (GRPO). */
	| 'answers'
	/** Sum over tokens, mean over answers (Dr. GRPO but for its constant length). */
	| 'sums';

/** Settings of the policy gradient. */
export interface PolicyGradientOptions {
	/** `clip` corrects for a policy that has moved since it sampled; `none` is REINFORCE. */
	readonly ratio: 'clip' | 'none';
	/** Tokens with a ratio below 1 − clipLow are not pushed further down; 0.2 in PPO. */
	readonly clipLow: number;
	/** Tokens with a ratio above 1 + clipHigh are not pushed further up; 0.2 in PPO, 0.28 in DAPO. */
	readonly clipHigh: number;
	readonly average: PolicyAverage;
}

export function policyGradient(options: PolicyGradientOptions): Objective {
	const { ratio, clipLow, clipHigh, average } = options;
	return {
		name: 'policy-gradient',
		needs: ratio === 'clip' ? ['advantages', 'sampled-logprobs'] : ['advantages'],
		weigh: async (batch, ask) => {
			const advantages = spread(batch, ({ advantage }, row) => {
				if (advantage !== undefined) return advantage;
				throw new RangeError(`Row ${row} has no advantage; leave out what was not judged.`);
			});
			const policy = await ask.policy();
			assertLogprobs(batch, policy);
			const sampled =
				ratio === 'none'
					? policy
					: spread(batch, ({ logprobs }, row) => {
							if (logprobs) return logprobs;
							throw new RangeError(
								`Row ${row} has no log-probabilities of its sampling; without them take ratio "none".`,
							);
						});
			const lengths = batch.samples.map(({ mask }) =>
				mask.reduce((n, m, t) => n + Number(t > 0 && m !== 0), 0),
			);
			let [gain, clipped] = [0, 0];
			const weights = weighTokens(batch, (i, row) => {
				const scale = average === 'answers' ? 1 / Math.max(1, lengths[row] ?? 1) : 1;
				const advantage = scale * (advantages[i] ?? 0);
				const r = Math.exp((policy[i] ?? 0) - (sampled[i] ?? 0));
				const bounded = Math.min(Math.max(r, 1 - clipLow), 1 + clipHigh);
				const isClipped = bounded * advantage < r * advantage;
				gain += Math.min(r * advantage, bounded * advantage);
				clipped += Number(isClipped);
				return isClipped ? 0 : advantage * r;
			});
			const tokens = targetTokens(batch);
			const normaliser = average === 'tokens' ? tokens : batch.batch;
			return {
				weights,
				normaliser,
				metrics: { loss: -gain / normaliser, clipped: clipped / tokens },
			};
		},
	};
}

export const policyGradientObjective = defineObjective({
	name: 'policy-gradient',
	about: 'makes what scored above the mean of its task likelier, and the rest less',
	options: {
		ratio: {
			kind: 'choice',
			label: 'Ratio',
			help: 'clip: corrects for a policy that has moved since it answered; none: REINFORCE.',
			default: 'clip',
			options: ['clip', 'none'],
		},
		clipLow: {
			kind: 'number',
			label: 'Clip below',
			help: 'A token that is by this part less likely than when it was sampled is not pushed further down.',
			default: 0.2,
			min: 0,
			max: 1,
		},
		clipHigh: {
			kind: 'number',
			label: 'Clip above',
			help: 'A token that is by this part likelier than when it was sampled is not pushed further up.',
			default: 0.2,
			min: 0,
			max: 10,
		},
		average: {
			kind: 'choice',
			label: 'Average',
			help: 'tokens: over all tokens; answers: over each answer first; sums: tokens are added, answers averaged.',
			default: 'tokens',
			options: ['tokens', 'answers', 'sums'],
		},
	},
	create: policyGradient,
});

/** Options by which a group's rewards become advantages. */
export interface GroupOptions {
	/** `deviation` divides by the standard deviation of the group (GRPO); `none` does not (Dr. GRPO). */
	readonly normalise: 'deviation' | 'none';
}

/** Keeps a group of nearly equal rewards from blowing up; as in TRL. */
const deviationFloor = 1e-4;

/**
 * Rewards of the answers to one prompt minus their mean; null for unjudged answers, which are left out of the mean. The
 * deviation is that of a sample (n − 1), as in TRL. Equal rewards give exactly 0.
 */
export function groupAdvantages(
	rewards: readonly (number | null)[],
	{ normalise }: GroupOptions,
): readonly (number | null)[] {
	const judged = rewards.filter((reward) => reward !== null);
	const [first = 0] = judged;
	// Relative to the first, so that equal rewards differ by exactly 0.
	const mean = first + judged.reduce((sum, r) => sum + (r - first), 0) / Math.max(1, judged.length);
	const squares = judged.reduce((sum, r) => sum + (r - mean) ** 2, 0);
	const deviation = Math.sqrt(squares / Math.max(1, judged.length - 1));
	const scale = normalise === 'deviation' ? 1 / (deviation + deviationFloor) : 1;
	return rewards.map((reward) => (reward === null ? null : (reward - mean) * scale));
}
