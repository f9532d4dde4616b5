/**
 * @file SelfEvolve (Jiang et al. 2023): a program is written, run, and written again after the message of the interpreter.
 *
 * Differs: the first half of the paper, in which the model writes down what it knows of the libraries, has no
 * counterpart in a language of eight operations and is left out; what was mended is learnt under its plain prompt,
 * where the paper trains nothing.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { interactive } from '#loop/1-acquire/solution/positive/interactive.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { retry } from '#loop/2-refine/correct/critique-free/retry.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

export const selfEvolve = {
	name: 'self-evolve',
	title: 'SelfEvolve',
	by: 'after Jiang et al. 2023',
	paper: 'https://arxiv.org/abs/2306.02907',
	about:
		'Mends what went wrong after the words of the interpreter, and learns it as a first answer.',
	environment: 'list-programs',
	rounds: 3,
	evolveTasks: use(selective, { selected: 1000, poolSize: 2000, poolFrom: -2, poolTo: -1 }),
	evolveSolutions: use(interactive, { turns: 1, samples: 1, temperature: 0 }),
	getFeedback: use(environment),
	refine: [use(retry, { retries: 2, again: 4 }), use(metricBased, { minScore: 1, cap: 1 })],
	update: [
		use(replay, { share: 0.5, source: 'rounds' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'lora', rank: 64, alpha: 64, steps: 100, learningRate: 3e-4 }),
	],
	evaluate: use(quantitative, { lookAhead: 1, stride: 0 }),
} satisfies Recipe;
