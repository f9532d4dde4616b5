/**
 * @file ConPET (Song et al. 2023): every task has an adapter of its own, beside a model that stays as it was.
 *
 * As in the dynamic form of the paper, one module answers for each task. Differs: tasks are difficulties, so that the length
 * of a word chooses the module, where a selector is learnt; a module begins with what the one before learnt.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { trains: 'lora', rank: 16, alpha: 16, steps: 50, learningRate: 2e-3 } as const;
const votes = { views: 1, samples: 5, temperature: 0.7, early: true, agree: 0.8 } as const;
export const conpet = {
	name: 'conpet',
	title: 'ConPET',
	by: 'after Song et al. 2023',
	paper: 'https://arxiv.org/abs/2309.14763',
	about: 'Trains an adapter for each difficulty, and leaves what answers the easier ones as it is.',
	environment: 'reversal',
	rounds: 3,
	evolveTasks: use(knowledgeFree, { problems: 150 }),
	evolveSolutions: use(rationaleBased, votes),
	getFeedback: use(model),
	refine: [use(metricFree, { agree: 0.8, keeps: 'answer' })],
	update: [use(architecture, { ...training, perTask: true })],
	evaluate: use(quantitative, { lookAhead: 1, stride: 1, minKept: 40 }),
} satisfies Recipe;
