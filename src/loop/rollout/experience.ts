/** @file Solutions with their feedback, as the experience of a round. */
import type { EnvironmentFor, Need } from '#environments/environment.ts';
import type { Reward } from '#environments/score.ts';
import { reportSamples, reportStep } from '../report.ts';
import type { Rollout } from './rollout.ts';
import type { Context, Experience, Feedback, GetFeedback, Solution } from '../types.ts';

/** A judged solution; nothing has refined it yet. The feedback becomes a reward of this name on every rollout. */
export const experienceOf = (
	{ task, rollouts }: Solution,
	reward: string,
	feedback: Feedback,
	{ t, policy }: Context,
): Experience => ({
	id: `${t}/${task.id}`,
	t,
	task,
	rollouts: rollouts.map((rollout, i) => rewarded(rollout, reward, rewardIn(feedback, i))),
	feedback,
	fate: { kind: 'fresh' },
	policy: policy.id,
});

/** The rollout with one reward more. */
export const rewarded = (rollout: Rollout, name: string, reward: Reward): Rollout => ({
	...rollout,
	rewards: { ...rollout.rewards, [name]: reward },
});

/** A score as a reward; null could not be judged. */
export const rewardOf = (score: number | null): Reward =>
	score === null ? { unjudged: 'this answer could not be judged' } : { value: score, weight: 1 };

const rewardIn = (feedback: Feedback, i: number): Reward =>
	feedback.kind === 'unjudged' ? { unjudged: feedback.reason } : rewardOf(feedback.each[i] ?? null);

/** The step of a cell that judges each solution by itself, at once. */
export const judgeEach =
	<N extends Need>(
		address: string,
		reward: string,
		judge: (
			solution: Solution,
			environment: EnvironmentFor<N>,
			signal: AbortSignal,
		) => Feedback | Promise<Feedback>,
	): GetFeedback<N> =>
	async (solutions, context) => {
		const { signal, environment } = context.world;
		signal.throwIfAborted();
		const experience: Experience[] = [];
		for (const solution of solutions) {
			const feedback = await judge(solution, environment, signal);
			experience.push(experienceOf(solution, reward, feedback, context));
		}
		reportStep(context, address, experience.length, experience.length);
		reportSamples(context, experience);
		return experience;
	};
