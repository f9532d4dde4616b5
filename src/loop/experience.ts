/** @file Solutions and what is said of them, as the experience of a round. */
import type { EnvironmentFor, Need } from '#environments/environment.ts';
import { reportSamples, reportStep } from './report.ts';
import type { Context, Experience, Feedback, GetFeedback, Solution } from './types.ts';

/** A judged solution; nothing has refined it yet. */
export const experienceOf = (
	solution: Solution,
	feedback: Feedback,
	{ t, policy }: Context,
): Experience => ({
	id: `${t}/${solution.task.id}`,
	t,
	...solution,
	feedback,
	fate: { kind: 'fresh' },
	policy: policy.id,
});

/** The step of a cell that judges each solution by itself, at once. */
export const judgeEach =
	<N extends Need>(
		address: string,
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
		for (const solution of solutions)
			experience.push(experienceOf(solution, await judge(solution, environment, signal), context));
		reportStep(context, address, experience.length, experience.length);
		reportSamples(context, experience);
		return experience;
	};
