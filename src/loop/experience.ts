/** @file Solutions with their feedback, as the experience of a round. */
import type { EnvironmentFor, Need } from '#environments/environment.ts';
import type { Reward } from '#environments/score.ts';
import { reportSamples, reportStep } from './report.ts';
import type { Rollout } from './rollout.ts';
import type { Context, Experience, Feedback, GetFeedback, Solution } from './types.ts';

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
	rollouts: rollouts.map((rollout, i) => rewarded(rollout, reward, rewardOf(feedback, i))),
	feedback,
	fate: { kind: 'fresh' },
	policy: policy.id,
});

/** The rollout with one reward more. */
export const rewarded = (rollout: Rollout, name: string, reward: Reward): Rollout => ({
	...rollout,
	rewards: { ...rollout.rewards, [name]: reward },
});

function rewardOf(feedback: Feedback, i: number): Reward {
	if (feedback.kind === 'unjudged') return { unjudged: feedback.reason };
	const value = feedback.each[i] ?? null;
	return value === null ? { unjudged: 'this answer could not be judged' } : { value, weight: 1 };
}

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
