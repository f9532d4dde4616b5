/**
 * @file LMSI (Huang et al. 2022): the majority of many sampled answers is the label; every path that reached it is
 * learned. Nobody says what is true.
 *
 * As in the paper: 32 paths at temperature 0.7. Differs: three rounds instead of one, one format instead of
 * four, a floor under the share of votes, half of each batch from the first lessons, averaged weights.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from './parts/method.ts';

export const lmsi = {
	name: 'lmsi',
	title: 'LMSI',
	by: 'Huang et al. 2022',
	paper: 'https://arxiv.org/abs/2210.11610',
	about:
		'Lets sampled answers vote and learns every way that led to the winner, with no truth at hand.',
	environment: 'addition',
	environmentKnobs: { format: 'scratchpad' },
	rounds: 3,
	evolveTasks: use(selective, { selected: 200, poolSize: 500, poolFrom: 0, poolTo: 1 }),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 32, temperature: 0.7, agree: 0.7 }),
	getFeedback: use(model),
	refine: [use(metricFree, { agree: 0.7, keeps: 'paths' })],
	update: [
		use(replay, { share: 0.5, source: 'base' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'full', steps: 100, learningRate: 5e-4, warmup: 10 }),
	],
	evaluate: use(quantitative, { lookAhead: 2, stride: 0 }),
} satisfies Recipe;
