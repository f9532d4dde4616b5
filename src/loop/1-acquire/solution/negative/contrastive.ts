/**
 * @file Contrastive solution evolution (survey 4.2.2): right and wrong answers to one problem, to learn from the
 * difference.
 *
 * Samples each problem until two answers differ, as far as a limit: answers that are all alike are no pair. Feedback then
 * says which is better, the verifier (iterative preference optimisation, Pang et al. 2024), a judge (Self-Rewarding, Yuan
 * et al. 2024) or the model's own vote (Prasad et al. 2024); with the objective `dpo` the update pairs them. Differs: the
 * papers sample every prompt equally often.
 */
import { defineCell } from '#loop/cell.ts';
import { reportStep } from '#loop/report.ts';
import { ask, questionFor, type Question } from '#loop/rollout/ask.ts';
import { completionOf, type Rollout } from '#loop/rollout/rollout.ts';

const address = '1-acquire/solution/negative/contrastive';

export const contrastive = defineCell({
	section: '4.2.2',
	address,
	title: 'Contrastive solutions',
	step: 'evolveSolutions',
	about: 'Collects right and wrong answers to the same problem, to learn from the difference.',
	papers: [
		'https://arxiv.org/abs/2401.10020',
		'https://arxiv.org/abs/2404.19733',
		'https://arxiv.org/abs/2411.04109',
	],
	knobs: {
		samples: {
			kind: 'integer',
			label: 'Samples',
			help: 'How many answers to each problem are sampled at a time.',
			default: 4,
			min: 2,
			max: 64,
		},
		most: {
			kind: 'integer',
			label: 'At most',
			help: 'A problem whose answers are all alike is sampled again, up to so many answers: only answers that differ are a pair.',
			default: 8,
			min: 2,
			max: 256,
		},
		temperature: {
			kind: 'number',
			label: 'Temperature',
			help: 'How freely answers are sampled; at 0 they are all alike.',
			default: 0.8,
			min: 0,
			max: 2,
			step: 0.05,
		},
	},
	needs: [],
	create: ({ samples, most, temperature }) => {
		return async (tasks, context) => {
			const sheets = tasks
				.flatMap((task) => questionFor('contrastive', task, context))
				.map((question): Sheet => ({ question, rollouts: [] }));
			let open = sheets;
			for (let asked = 0; open.length > 0 && asked < most; asked += samples) {
				const each = Math.min(samples, most - asked);
				const questions = open.flatMap(({ question }) =>
					Array.from({ length: each }, () => question),
				);
				// Problems whose answers differ already count as done.
				const total = sheets.length * most;
				const done = total - open.length * (most - asked);
				const answers = await ask(questions, context, {
					...{ temperature, purpose: `contrastive/${asked}`, role: 'solver' },
					onProgress: (n) => reportStep(context, address, done + n, total),
				});
				answers.forEach((rollout, i) => open[Math.floor(i / each)]?.rollouts.push(rollout));
				open = open.filter(({ rollouts }) => new Set(rollouts.map(completionOf)).size < 2);
			}
			reportStep(context, address, tasks.length, tasks.length);
			return sheets.map(({ question, rollouts }) => ({ task: question.task, rollouts }));
		};
	},
});

interface Sheet {
	readonly question: Question;
	readonly rollouts: Rollout[];
}
