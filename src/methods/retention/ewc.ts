/**
 * @file EWC (Kirkpatrick et al. 2017): weights on which old skills depend are held, the others are free to learn.
 *
 * Differs: the Fisher information is counted anew at the start of each round on 256 lessons, and what is new are
 * problems one step harder, labelled by votes, instead of another task with given labels.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

export const ewc = {
	name: 'ewc',
	title: 'Elastic weight consolidation',
	by: 'Kirkpatrick et al. 2017',
	paper: 'https://arxiv.org/abs/1612.00796',
	about: 'Holds the weights that its old skills depend on, and learns with the others.',
	environment: 'reversal',
	rounds: 3,
	evolveTasks: use(knowledgeFree, { problems: 150 }),
	evolveSolutions: use(rationaleBased, {
		views: 1,
		samples: 5,
		temperature: 0.7,
		early: true,
		agree: 0.8,
	}),
	getFeedback: use(model),
	refine: [use(metricFree, { agree: 0.8, keeps: 'answer' })],
	update: [
		use(regularization, { average: 0, pull: 1, pullBy: 'fisher', fisherSamples: 256 }),
		use(architecture, { trains: 'full', steps: 50, learningRate: 5e-4 }),
	],
	evaluate: use(quantitative, { lookAhead: 1, stride: 1, minKept: 40 }),
} satisfies Recipe;
