/**
 * @file ReST-EM (Singh et al. 2023): sample many answers, keep the right ones, train the base model on them, again.
 *
 * As in the paper: 32 samples of a problem, at most 10 kept, three iterations, restart from base.
 * Differs: temperature 0.8, 200 problems, half of each batch from the first lessons, an average of the weights.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from './parts/method.ts';

const training = { steps: 100, learningRate: 5e-4, warmup: 10, schedule: 'cosine' } as const;
export const restEm = {
	name: 'rest-em',
	title: 'ReST-EM',
	by: 'Singh et al. 2023',
	paper: 'https://arxiv.org/abs/2312.06585',
	about:
		'Samples many answers to each problem, keeps the right ones and trains the base model anew.',
	environment: 'addition',
	rounds: 3,
	evolveTasks: use(selective, { selected: 200, poolSize: 500, poolFrom: 0, poolTo: 2 }),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 32, temperature: 0.8 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 10 })],
	update: [
		use(replay, { share: 0.5, source: 'base' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'full', restart: true, carryOptimizer: false, ...training }),
	],
	evaluate: use(quantitative, { lookAhead: 2, stride: 0 }),
} satisfies Recipe;
