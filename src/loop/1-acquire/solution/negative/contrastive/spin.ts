/**
 * @file SPIN (survey 4.2.2, contrastive): the known answer to a problem beside what the policy itself says to it, to be
 * told apart.
 *
 * Self-play fine-tuning (Chen et al. 2024): the policy that the round began with is the opponent, and with the objective
 * `dpo` and the reference `round` it is the reference as well. An answer of its own that is right is rejected like any
 * other, unless it is the same text. The opponent can be the first policy instead, which no round moves.
 */
import { defineCell } from '#loop/cell.ts';
import { asBase } from '#loop/policy/as-base.ts';
import { reportStep } from '#loop/report.ts';
import { ask, questionFor, type Question } from '#loop/rollout/ask.ts';
import type { Rollout } from '#loop/rollout/rollout.ts';
import { written } from '#loop/rollout/written.ts';
import type { Context } from '#loop/types.ts';

const address = '1-acquire/solution/negative/contrastive/spin';

export const spin = defineCell({
	section: '4.2.2',
	address,
	title: 'SPIN',
	step: 'evolveSolutions',
	about: 'Sets what the policy says beside the known answer, for the next one to tell them apart.',
	papers: ['https://arxiv.org/abs/2401.01335'],
	knobs: {
		opponent: {
			kind: 'choice',
			label: 'Opponent',
			help: 'Whose answers are rejected: those of the policy that the round began with, or of the first one.',
			default: 'round',
			options: ['round', 'base'],
		},
		losers: {
			kind: 'integer',
			label: 'Answers rejected',
			help: 'How many answers of the opponent are sampled for each problem; equal ones count once.',
			default: 1,
			min: 1,
			max: 16,
		},
		temperature: {
			kind: 'number',
			label: 'Temperature',
			help: 'How freely the opponent answers; 0 always takes the likeliest token.',
			default: 1,
			min: 0,
			max: 2,
			step: 0.05,
		},
	},
	needs: ['reference'],
	create: ({ opponent, losers, temperature }) => {
		return async (tasks, context) => {
			const { world, t } = context;
			const { environment } = world;
			const questions = tasks.flatMap((task) => questionFor('spin', task, context));
			const asked = questions.flatMap((question) => Array.from({ length: losers }, () => question));
			const answers = await askOpponent(opponent, asked, context, temperature);
			return questions.map((question, i) => {
				const known = environment.reference.solve(question.task.item);
				const id = `spin/known/${t}/${i}`;
				const rejected = answers.slice(i * losers, (i + 1) * losers);
				return {
					task: question.task,
					rollouts: [
						written(question, known, environment, { id, side: 'chosen' }),
						...rejected.map((rollout) => ({ ...rollout, side: 'rejected' as const })),
					],
				};
			});
		};
	},
});

async function askOpponent(
	opponent: 'round' | 'base',
	questions: readonly Question[],
	context: Context,
	temperature: number,
): Promise<readonly Rollout[]> {
	const options = {
		...{ temperature, purpose: 'spin' },
		onProgress: (done: number) => reportStep(context, address, done, questions.length),
	};
	if (opponent === 'round') return ask(questions, context, options);
	return asBase(context, (base) => ask(questions, base, options));
}
