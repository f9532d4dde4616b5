/**
 * @file Easy-to-hard self-training (Lee et al. 2025): label problems one step harder than what is mastered,
 * keep what agrees, practise it beside the old, go on.
 *
 * Differs: votes come from five views of a problem instead of five models; 400 labels and 60 steps a round
 * instead of 50,000 and 1,000; an average of the weights answers.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from './parts/method.ts';

export const easyToHard = {
	name: 'easy-to-hard',
	title: 'Easy-to-hard self-training',
	by: 'Lee et al. 2025',
	paper: 'https://arxiv.org/abs/2502.01612',
	about: 'Labels problems one step harder than it knows, trusts what agrees, and climbs.',
	environment: 'addition',
	rounds: 9,
	evolveTasks: use(knowledgeFree, { problems: 400 }),
	evolveSolutions: use(rationaleBased, { views: 5, early: true, agree: 0.8 }),
	getFeedback: use(model),
	refine: [use(metricFree, { agree: 0.8, keeps: 'answer' })],
	update: [
		use(replay, { share: 0.5, source: 'both' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'lora', rank: 64, alpha: 64, steps: 60, learningRate: 2e-3 }),
	],
	evaluate: use(quantitative, { lookAhead: 1, minKept: 120, stride: 1, begins: 'mastered' }),
} satisfies Recipe;
