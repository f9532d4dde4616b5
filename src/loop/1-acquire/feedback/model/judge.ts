/**
 * @file Feedback from the model as a judge (survey 4.3.1): it reads its own answer and says how good it is.
 *
 * Follows Self-Rewarding (Yuan et al. 2024): several judgements, of which the mean counts. Differs: one question instead
 * of an additive rubric, and Yes or No. It never sees the truth, and a small model judges little better than chance.
 */
import { defineCell } from '#loop/cell.ts';
import { experienceOf } from '#loop/rollout/experience.ts';
import { judgeAnswers, judgeKnobs } from '#loop/rollout/judge.ts';
import { reportSamples, reportStep } from '#loop/report.ts';
import type { Feedback, Solution } from '#loop/types.ts';

const address = '1-acquire/feedback/model/judge';

export const judge = defineCell({
	section: '4.3.1',
	address,
	title: 'Feedback from the model as judge',
	step: 'getFeedback',
	about: 'Asks the model, or whoever plays the judge, how good each answer is.',
	papers: ['https://arxiv.org/abs/2401.10020', 'https://arxiv.org/abs/2306.05685'],
	knobs: judgeKnobs,
	needs: ['chat'],
	create: (knobs) => {
		return async (solutions, context) => {
			const answers = solutions.flatMap(({ task, rollouts }) =>
				rollouts.flatMap((rollout) => (rollout.answer === null ? [] : [{ task, rollout }])),
			);
			const scores = await judgeAnswers(answers, knobs, context, 'judge', (done) =>
				reportStep(context, address, done, answers.length),
			);
			const scoreOf = new Map(answers.map(({ rollout }, i) => [rollout, scores[i] ?? null]));
			const experience = solutions.map((solution) => {
				// No answer is worth nothing; an answer without a readable mark is not judged.
				const each = solution.rollouts.map((rollout) =>
					rollout.answer === null ? 0 : (scoreOf.get(rollout) ?? null),
				);
				return experienceOf(solution, 'judge', feedbackOf(solution, each), context);
			});
			reportStep(context, address, answers.length, answers.length);
			reportSamples(context, experience);
			return experience;
		};
	},
});

function feedbackOf({ rollouts }: Solution, each: readonly (number | null)[]): Feedback {
	const best = Math.max(...each.map((score) => score ?? -1));
	if (best < 0)
		return {
			kind: 'unjudged',
			reason: rollouts.length > 0 ? 'the judge gave no mark' : 'no answer was given',
		};
	const answer = rollouts[each.indexOf(best)]?.answer ?? null;
	return { kind: 'scored', source: 'model', score: best, answer, each };
}
