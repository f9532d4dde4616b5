/**
 * @file Perturbative solution evolution (survey 4.2.2): answers of the model, each beside the same answer spoilt on
 * purpose, with the way in which it was spoilt as its label.
 *
 * After RLCD (Yang et al. 2023), which makes the worse answer by a prompt that asks for it. Differs: the environment
 * changes the answer, in a way that it can find again in an answer that is wrong by itself, so that it can be counted
 * which faults a training removes. An answer that feedback finds wrong makes no pair.
 */
import { derive, random } from '#base/random.ts';
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import { ask, questionFor, type Question } from '#loop/rollout/ask.ts';
import { completionOf, type Rollout } from '#loop/rollout/rollout.ts';
import { written } from '#loop/rollout/written.ts';
import type { Context } from '#loop/types.ts';

const address = '1-acquire/solution/negative/perturbative';

export const perturbative = defineCell({
	section: '4.2.2',
	address,
	title: 'Perturbative solutions',
	step: 'evolveSolutions',
	about: 'Spoils good answers on purpose, in a known way, to learn what to avoid.',
	papers: ['https://arxiv.org/abs/2307.12950', 'https://arxiv.org/abs/2402.11907'],
	knobs: {
		spoils: {
			kind: 'integer',
			label: 'Spoilt answers',
			help: 'How often the answer to each problem is spoilt, each time anew; equal ones count once.',
			default: 1,
			min: 1,
			max: 8,
		},
		temperature: {
			kind: 'number',
			label: 'Temperature',
			help: 'How freely the answer that is spoilt is sampled; 0 always takes the likeliest token.',
			default: 0,
			min: 0,
			max: 2,
			step: 0.05,
		},
	},
	needs: ['faults'],
	create: ({ spoils, temperature }) => {
		return async (tasks, context) => {
			const questions = tasks.flatMap((task) => questionFor('perturbative', task, context));
			const answers = await ask(questions, context, {
				...{ temperature, purpose: 'solutions/perturbative', role: 'solver' },
				onProgress: (done) => reportStep(context, address, done, questions.length),
			});
			return questions.map((question, i) => {
				const good = answers[i];
				const spoilt = good ? spoiltOf(question, good, spoils, context) : [];
				// A good answer that cannot be spoilt is an answer like any other.
				const chosen = good && (spoilt.length > 0 ? { ...good, side: 'chosen' as const } : good);
				return { task: question.task, rollouts: chosen ? [chosen, ...spoilt] : [] };
			});
		};
	},
});

/** Up to `count` different answers, each the good one spoilt. */
function spoiltOf(
	question: Question,
	{ answer }: Rollout,
	count: number,
	{ world, t }: Context<'faults'>,
): readonly Rollout[] {
	const { environment, seed } = world;
	if (answer === null) return [];
	const { item, id } = question.task;
	const made = Array.from({ length: count }, (_, n) => {
		const spoilt = environment.faults.spoil(item, answer, random(derive(seed, 'spoil', t, id, n)));
		const name = `spoilt/${t}/${id}/${n}`;
		return spoilt
			? [
					written(question, spoilt.answer, environment, {
						...{ id: name, side: 'rejected', spoilt: spoilt.way },
					}),
				]
			: [];
	}).flat();
	return [...new Map(made.map((rollout) => [completionOf(rollout), rollout])).values()];
}
