/**
 * @file Self-Verification (Weng et al. 2022): an answer is believed if its question can be told from it; votes are
 * asked first.
 *
 * Differs: the paper chooses among answers and trains nothing; here what is believed is learnt. The question is scored
 * among others instead of written, and agreement stands before it, as the paper's candidates do.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { selfVerification } from '#loop/2-refine/filter/metric-free/self-verification.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { trains: 'lora', rank: 64, alpha: 64, steps: 60, learningRate: 2e-3 } as const;
export const selfVerified = {
	name: 'self-verification',
	title: 'Self-Verification',
	by: 'after Weng et al. 2022',
	paper: 'https://arxiv.org/abs/2212.09561',
	about: 'Learns an answer if most votes agree on it and its question can be told from it.',
	environment: 'translation',
	rounds: 4,
	evolveTasks: use(knowledgeFree, { problems: 400 }),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 5, temperature: 0.7, agree: 0.6 }),
	getFeedback: use(model),
	refine: [use(metricFree, { agree: 0.6 }), use(selfVerification)],
	update: [
		use(replay, { share: 0.5, source: 'both' }),
		use(regularization, { average: 0.95 }),
		use(architecture, training),
	],
	evaluate: use(quantitative, { lookAhead: 1, minKept: 120, stride: 1 }),
} satisfies Recipe;
