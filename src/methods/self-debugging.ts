/**
 * @file Self-debugging (Chen et al. 2023): answer, read what the interpreter says came out, mend it; what holds in the end is
 * learnt.
 *
 * Differs: the paper prompts a large model and trains nothing; here the mended answer is learnt as the first one (`direct`),
 * so that the next attempt needs no mending. The verifier has the last word, since hidden inputs may tell otherwise.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { interactive } from '#loop/1-acquire/solution/positive/interactive.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from './parts/method.ts';

export const selfDebugging = {
	name: 'self-debugging',
	title: 'Self-debugging',
	by: 'Chen et al. 2023',
	paper: 'https://arxiv.org/abs/2304.05128',
	about: 'Tries, reads what came out, tries again, and learns what held in the end.',
	environment: 'list-programs',
	rounds: 3,
	evolveTasks: use(selective, { selected: 1500, poolSize: 3000, poolFrom: -2, poolTo: -1 }),
	evolveSolutions: use(interactive, { turns: 3, samples: 4, learns: 'direct' }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: [
		use(replay, { share: 0.5, source: 'rounds' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'lora', rank: 64, alpha: 64, steps: 100, learningRate: 3e-4 }),
	],
	evaluate: use(quantitative, { lookAhead: 1, stride: 0 }),
} satisfies Recipe;
