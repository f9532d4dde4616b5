/**
 * @file After Selective Reflection-Tuning (Li et al. 2024): problems are chosen by how much their words help to the answer,
 * and what is learnt was confirmed.
 *
 * Differs: the model's own answers are weighed and learnt, where the paper chooses between an answer of the data and one that
 * a teacher rewrote, and a verifier confirms them.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { fit } from '#loop/1-acquire/task/selective/fit.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const pool = { selected: 200, weighed: 400, poolSize: 300, poolFrom: 0, poolTo: 1 } as const;
const training = { trains: 'lora', rank: 64, alpha: 64, steps: 60, learningRate: 2e-3 } as const;
export const fitting = {
	name: 'selective-reflection',
	title: 'Selective by fit',
	by: 'after Li et al. 2024',
	paper: 'https://arxiv.org/abs/2402.10110',
	about: 'Practises the problems whose words help it least to its answer, and keeps what is right.',
	environment: 'translation',
	rounds: 3,
	evolveTasks: use(fit, pool),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 4, temperature: 0.7 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: [
		use(replay, { share: 0.5, source: 'both' }),
		use(regularization, { average: 0.95 }),
		use(architecture, training),
	],
	evaluate: use(quantitative, { lookAhead: 1, stride: 1, minKept: 60 }),
} satisfies Recipe;
