/**
 * @file DiverseEvol (Wu et al. 2023): the problems that are practised are those least like one another, chosen anew each
 * round.
 *
 * Differs: the paper adds 100 instructions a round to a growing set and measures distance in the model's hidden
 * states; here each round chooses 200 problems by their characters, and the model's own right answers are learnt
 * instead of given ones.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { diversity } from '#loop/1-acquire/task/selective/diversity.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const pool = { selected: 200, compared: 800, poolSize: 500, poolFrom: 0, poolTo: 1 } as const;
export const diverseEvol = {
	name: 'diverse-evol',
	title: 'DiverseEvol',
	by: 'after Wu et al. 2023',
	paper: 'https://arxiv.org/abs/2311.08182',
	about: 'Practises the problems of a pool that are least like one another.',
	environment: 'sorting',
	rounds: 4,
	evolveTasks: use(diversity, pool),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 4, temperature: 0.7 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: [
		use(replay, { share: 0.5, source: 'both' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'lora', rank: 64, alpha: 64, steps: 60, learningRate: 2e-3 }),
	],
	evaluate: use(quantitative, { lookAhead: 1, stride: 1, minKept: 60 }),
} satisfies Recipe;
