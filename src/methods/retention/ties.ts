/**
 * @file TIES merging (Yadav et al. 2023): what each of the last rounds changed is trimmed to its largest part, and changes
 * that agree in sign are put together.
 *
 * Differs: what is merged are rounds of one run instead of models of several tasks. `mergeBy` offers task arithmetic,
 * DARE and a plain soup of the same rounds.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = {
	trains: 'full',
	steps: 50,
	learningRate: 5e-4,
	mergeRounds: 3,
	mergeBy: 'ties',
	mergeDensity: 0.5,
} as const;
const votes = { views: 1, samples: 5, temperature: 0.7, early: true, agree: 0.8 } as const;
export const ties = {
	name: 'ties',
	title: 'TIES merging',
	by: 'after Yadav et al. 2023',
	paper: 'https://arxiv.org/abs/2306.01708',
	about: 'Answers with what the last rounds changed, merged where they agree.',
	environment: 'reversal',
	rounds: 4,
	evolveTasks: use(knowledgeFree, { problems: 150 }),
	evolveSolutions: use(rationaleBased, votes),
	getFeedback: use(model),
	refine: [use(metricFree, { agree: 0.8, keeps: 'answer' })],
	update: [use(regularization, { average: 0 }), use(architecture, training)],
	evaluate: use(quantitative, { lookAhead: 1, stride: 1, minKept: 40 }),
} satisfies Recipe;
