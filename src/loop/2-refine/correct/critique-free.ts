/**
 * @file Correcting, critique-free (survey 5.2.2): try a wrong problem again with the answer given away.
 *
 * STaR's rationalization (Zelikman et al. 2022): a chain of steps that reaches the known answer is kept, and
 * trained on as if no hint had been given. Stands before the filter. Environments whose format has no room
 * for a hint (`hint` absent) pass unchanged.
 */
import { ask, verdictOf, type Question } from '#loop/rollout/ask.ts';
import { defineCell } from '#loop/cell.ts';
import { rewarded } from '#loop/rollout/experience.ts';
import { reportStep } from '#loop/report.ts';
import type { Experience } from '#loop/types.ts';
import { wentWrong } from '../fate.ts';

const address = '2-refine/correct/critique-free';

export const critiqueFree = defineCell({
	section: '5.2.2',
	address,
	title: 'Critique-free correction',
	step: 'refine',
	about:
		'Shows the right answer to a problem that went wrong and asks for the way that leads there.',
	papers: ['https://arxiv.org/abs/2203.14465'],
	knobs: {
		rationalize: {
			kind: 'switch',
			label: 'Rationalize',
			help: 'Try problems that went wrong again with the answer as a hint; off is STaR without rationalization.',
			default: true,
		},
	},
	needs: ['score', 'reference', 'hint?'],
	create: ({ rationalize }) => {
		return async (experience, context) => {
			const { world } = context;
			const { environment } = world;
			const { hint, reference } = environment;
			if (!rationalize || !hint) return experience;
			const wrong = experience.filter(wentWrong);
			const hinted = wrong.flatMap((one): { one: Experience; question: Question }[] => {
				const view = one.rollouts[0]?.view;
				if (!view) return [];
				const { item } = one.task;
				const prompt = hint.prompt(item, view, reference.solve(item));
				return [{ one, question: { task: one.task, view, prompt } }];
			});
			const answers = await ask(
				hinted.map(({ question }) => question),
				context,
				{
					temperature: 0,
					purpose: 'rationalization',
					onProgress: (done) => reportStep(context, address, done, hinted.length),
				},
			);
			const corrected = new Map<string, Experience>();
			for (const [i, { one }] of hinted.entries()) {
				const rollout = answers[i];
				if (!rollout || one.feedback.kind === 'unjudged') continue;
				const verdict = await verdictOf(environment, one.task, rollout, world.signal);
				if (verdict.kind !== 'correct') continue;
				const each = [...one.feedback.each, 1];
				corrected.set(one.id, {
					...one,
					rollouts: [
						...one.rollouts,
						{ ...rewarded(rollout, 'verifier', { value: 1, weight: 1 }), rationalized: true },
					],
					feedback: { ...one.feedback, score: 1, answer: rollout.answer, each },
				});
			}
			reportStep(context, address, hinted.length, hinted.length);
			return experience.map((one) => corrected.get(one.id) ?? one);
		};
	},
});
