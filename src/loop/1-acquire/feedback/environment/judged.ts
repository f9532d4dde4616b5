/**
 * @file Feedback from the environment, and from the model where that is silent (survey 4.3.2, 4.3.1): a verifier judges what it
 * can, and a judge marks the answers of which it has nothing to say.
 *
 * For instruction back-translation (Li et al. 2023), whose instructions mostly state nothing that a program could check; the
 * paper has the model mark all of them. A mark of a judge never takes the place of a verdict.
 */
import { defineCell } from '#loop/cell.ts';
import { experienceOf } from '#loop/rollout/experience.ts';
import { judgeAnswers, judgeKnobs } from '#loop/rollout/judge.ts';
import { reportSamples, reportStep } from '#loop/report.ts';
import { verdictOf } from '#loop/rollout/ask.ts';
import type { Feedback, Solution } from '#loop/types.ts';
import { scoreOf } from '../environment.ts';

const address = '1-acquire/feedback/environment/judged';

export const judged = defineCell({
	section: '4.3.2',
	address,
	title: 'Feedback from the environment, else from a judge',
	step: 'getFeedback',
	about:
		'Asks the environment of each answer, and the model, or whoever plays the judge, where it has nothing to say.',
	papers: ['https://arxiv.org/abs/2308.06259', 'https://arxiv.org/abs/2306.05685'],
	knobs: judgeKnobs,
	needs: ['score', 'chat'],
	create: (knobs) => {
		return async (solutions, context) => {
			const { world } = context;
			const verified: (number | null)[][] = [];
			for (const { task, rollouts } of solutions) {
				const scores: (number | null)[] = [];
				for (const rollout of rollouts)
					scores.push(scoreOf(await verdictOf(world.environment, task, rollout, world.signal)));
				verified.push(scores);
			}
			const open = solutions.flatMap(({ task, rollouts }, i) =>
				rollouts.flatMap((rollout, j) =>
					verified[i]?.[j] === null && rollout.answer !== null ? [{ task, rollout }] : [],
				),
			);
			const marks = await judgeAnswers(open, knobs, context, 'judged', (done) =>
				reportStep(context, address, done, open.length),
			);
			const markOf = new Map(open.map(({ rollout }, i) => [rollout, marks[i] ?? null]));
			const experience = solutions.map((solution, i) => {
				const scores = verified[i] ?? [];
				const each = solution.rollouts.map((one, j) => scores[j] ?? markOf.get(one) ?? null);
				const isVerified = scores.some((score) => score !== null);
				const feedback = feedbackOf(solution, each, isVerified ? 'environment' : 'model');
				return experienceOf(solution, isVerified ? 'verifier' : 'judge', feedback, context);
			});
			reportStep(context, address, open.length, open.length);
			reportSamples(context, experience);
			return experience;
		};
	},
});

function feedbackOf(
	{ rollouts }: Solution,
	each: readonly (number | null)[],
	source: 'environment' | 'model',
): Feedback {
	const score = Math.max(...each.map((one) => one ?? -1));
	return score < 0
		? { kind: 'unjudged', reason: 'neither verifier nor judge has anything to say' }
		: {
				kind: 'scored',
				source,
				score,
				answer: rollouts[each.indexOf(score)]?.answer ?? null,
				each,
			};
}
