/**
 * @file Answers that change after feedback (survey 3, adapting to feedback): a sign means something else from now on, and only
 * a verdict on each answer tells.
 *
 * After STE (Wang et al. 2024), where trial and error with feedback teaches what a tool does. Differs: nothing is simulated
 * and nothing is said but right or wrong. Answers are sampled freely, and the few that were right are learnt, shortest
 * problems first.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { trains: 'lora', rank: 32, alpha: 32, steps: 40, learningRate: 2e-3 } as const;
const exam = { examined: 100, lookAhead: 1, stride: 1, minKept: 40 } as const;
export const adapting = {
	name: 'adapting',
	title: 'Adapting to feedback',
	by: 'after Wang et al. 2024',
	paper: 'https://arxiv.org/abs/2403.04746',
	about:
		'A sign changes its meaning: tries freely, is told right or wrong, and changes its answers.',
	environment: 'reversal',
	environmentKnobs: { means: 'swapped' },
	rounds: 8,
	evolveTasks: use(knowledgeFree, { problems: 200 }),
	evolveSolutions: use(rationaleBased, { views: 2, samples: 8, temperature: 1.5, early: false }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: [use(architecture, training)],
	evaluate: use(quantitative, { ...exam, aim: 'feedback' }),
} satisfies Recipe;
