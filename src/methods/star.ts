/**
 * @file STaR (Zelikman et al. 2022): steps that reach the right answer are learned, hinted where need be, always
 * from the base model. `rationalize: off` is the paper's variant without hints.
 * Differs: a seedling instead of few-shot prompts; 100 steps of batch 64 at first, 1.2 times as many each round;
 * half of each batch from the first lessons and an average of the weights, or old skills suffer (docs/LOG.md).
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { critiqueFree } from '#loop/2-refine/correct/critique-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from './parts/method.ts';

const training = { steps: 100, stepGrowth: 1.2, learningRate: 5e-4, schedule: 'cosine' } as const;
export const star = {
	name: 'star',
	title: 'STaR',
	by: 'Zelikman et al. 2022',
	paper: 'https://arxiv.org/abs/2203.14465',
	about:
		'Learns from its own working when it leads to the right answer, with a hint where it failed.',
	environment: 'addition',
	needs: ['hint'],
	environmentKnobs: { format: 'scratchpad' },
	rounds: 6,
	evolveTasks: use(selective, { selected: 1000, poolFrom: -2, poolTo: 2 }),
	evolveSolutions: use(rationaleBased, { views: 1 }),
	getFeedback: use(environment),
	refine: [use(critiqueFree, { rationalize: true }), use(metricBased, { cap: 1 })],
	update: [
		use(replay, { share: 0.5, source: 'base' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'full', restart: true, carryOptimizer: false, ...training }),
	],
	evaluate: use(quantitative, { lookAhead: 2, stride: 0 }),
} satisfies Recipe;
