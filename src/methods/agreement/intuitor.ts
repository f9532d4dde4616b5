/**
 * @file INTUITOR (Zhao et al. 2025): reinforcement by the model's own confidence; nobody says what is right.
 *
 * Newer than the survey, which files such scores under feedback of the model (SIRLC, Self-Alignment for Factuality). Differs:
 * the mean probability of an answer's tokens in place of its self-certainty. What it is sure of grows, true or not.
 */
import { confidence } from '#loop/1-acquire/feedback/model/confidence.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { objective: 'policy-gradient', steps: 40, learningRate: 5e-4 } as const;
export const intuitor = {
	name: 'intuitor',
	title: 'INTUITOR',
	by: 'after Zhao et al. 2025',
	paper: 'https://arxiv.org/abs/2505.19590',
	about: 'Makes likelier what it was surest of among its own answers.',
	environment: 'order',
	rounds: 3,
	evolveTasks: use(knowledgeFree, { problems: 100 }),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 8, temperature: 1, early: false }),
	getFeedback: use(confidence),
	refine: [use(metricBased, { minScore: 0, cap: 1 })],
	update: [use(architecture, training)],
	evaluate: use(quantitative, { lookAhead: 1, stride: 0, minKept: 0 }),
} satisfies Recipe;
