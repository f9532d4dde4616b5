/**
 * @file Evol-Instruct (WizardLM, Xu et al. 2023): the model rewrites tasks, in depth and in breadth, and learns good answers
 * to them.
 *
 * Differs: one small model rewrites and answers instead of ChatGPT; a verifier judges, where the paper trusts all that
 * the eliminator leaves; answers of unusual length are set aside; 64 tasks a round.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { evolInstruct } from '#loop/1-acquire/task/knowledge-free/evol-instruct.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { lengthFilter } from '#loop/2-refine/filter/metric-based/length.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { rank: 8, steps: 16, batch: 4, learningRate: 2e-4 } as const;
export const evolved = {
	name: 'evol-instruct',
	title: 'Evol-Instruct',
	by: 'Xu et al. 2023',
	paper: 'https://arxiv.org/abs/2304.12244',
	about: 'Rewrites tasks to harder and to other ones, and learns its right answers to them.',
	environment: 'instructions',
	rounds: 3,
	evolveTasks: use(evolInstruct),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 4, temperature: 0.7 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { cap: 1 }), use(lengthFilter, { longest: 4 })],
	update: [use(replay, { share: 0.25, source: 'plain', lessons: 64 }), use(architecture, training)],
	evaluate: use(quantitative, { examined: 20, lookAhead: 1, stride: 0, minKept: 0 }),
} satisfies Recipe;
