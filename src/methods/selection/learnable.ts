/**
 * @file Frontier of learnability (Foster and Foerster 2025): problems that are solved now and then are practised, by
 * reinforcement.
 *
 * Newer than the survey; Absolute Zero (Zhao et al. 2025) rewards a proposer in the same spirit. Differs: problems
 * come from a pool as in the paper, and GRPO has groups of eight instead of PPO or VinePPO with a large model.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { learnability } from '#loop/1-acquire/task/selective/learnability.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const pool = { selected: 100, candidates: 400, poolSize: 300, poolFrom: 0, poolTo: 1 } as const;
const training = { objective: 'policy-gradient', steps: 40, learningRate: 5e-4 } as const;
export const learnable = {
	name: 'learnable',
	title: 'Frontier of learnability',
	by: 'Foster & Foerster 2025',
	paper: 'https://arxiv.org/abs/2502.12272',
	about: 'Tries problems first, and practises those that it gets right now and then.',
	environment: 'order',
	rounds: 4,
	evolveTasks: use(learnability, pool),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 8, temperature: 1, early: false }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 4 })],
	update: [use(architecture, training)],
	evaluate: use(quantitative, { lookAhead: 1, stride: 1, minKept: 0 }),
} satisfies Recipe;
