/**
 * @file Evolutionary model merging (Akiba et al. 2024): what the last rounds trained is mixed in a proportion that evolution
 * finds.
 *
 * Differs: rounds of one run instead of models of several tasks, one weight for each of them, and known answers decide, old
 * and new alike, instead of the score on a task.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { trains: 'full', steps: 50, learningRate: 5e-4 } as const;
const merging = { mergeRounds: 3, mergeBy: 'evolved', mergeTries: 16 } as const;
const votes = { views: 1, samples: 5, temperature: 0.7, early: true, agree: 0.8 } as const;
export const evolvedMerge = {
	name: 'evolved-merge',
	title: 'Evolutionary merging',
	by: 'after Akiba et al. 2024',
	paper: 'https://arxiv.org/abs/2403.13187',
	about: 'Mixes what the last rounds trained, in the proportion that does best by old and new.',
	environment: 'reversal',
	rounds: 4,
	evolveTasks: use(knowledgeFree, { problems: 150 }),
	evolveSolutions: use(rationaleBased, votes),
	getFeedback: use(model),
	refine: [use(metricFree, { agree: 0.8, keeps: 'answer' })],
	update: [use(regularization, { average: 0 }), use(architecture, { ...training, ...merging })],
	evaluate: use(quantitative, { lookAhead: 1, stride: 1, minKept: 40 }),
} satisfies Recipe;
