/**
 * @file RFT (Yuan et al. 2023): of many right ways to an answer those that differ are learnt, beside what was learnt first,
 * in one round.
 *
 * As in the paper: temperature 0.7, distinct paths, one round. Differs: 16 samples instead of 100 and at most four of
 * them kept, problems at and beyond the frontier instead of the training set, a LoRA and an average of the weights.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

export const rft = {
	name: 'rft',
	title: 'RFT',
	by: 'Yuan et al. 2023',
	paper: 'https://arxiv.org/abs/2308.01825',
	about: 'Learns several different ways to the same right answer, in one round.',
	environment: 'addition',
	rounds: 1,
	environmentKnobs: { format: 'scratchpad' },
	evolveTasks: use(selective, { selected: 300, poolSize: 500, poolFrom: 0, poolTo: 2 }),
	evolveSolutions: use(rationaleBased, { views: 4, samples: 4, temperature: 0.7, early: false }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 4, prefer: 'varied' })],
	update: [
		use(replay, { share: 0.5, source: 'both' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'lora', rank: 64, alpha: 64, steps: 120, learningRate: 1e-3 }),
	],
	evaluate: use(quantitative, { lookAhead: 2, stride: 0 }),
} satisfies Recipe;
