/**
 * @file Evolution of problems (after WizardCoder, Luo et al. 2023, which takes Evol-Instruct to code): solved programs get
 * one more operation or another one, and are solved anew.
 *
 * Differs: the environment alters a program instead of a model that rewrites its instruction, so that none fails to
 * evolve; what is learnt are the model's own answers that an interpreter confirmed, of usual length, instead of those
 * of a larger model.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { mutation } from '#loop/1-acquire/task/knowledge-free/mutation.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { lengthFilter } from '#loop/2-refine/filter/metric-based/length.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { trains: 'lora', rank: 64, alpha: 64, steps: 100, learningRate: 3e-4 } as const;
export const mutated = {
	name: 'mutated',
	title: 'Evolution of problems',
	by: 'after Luo et al. 2023',
	paper: 'https://arxiv.org/abs/2306.08568',
	about: 'Makes new problems of solved ones, a part more or another one, and learns to solve them.',
	environment: 'list-programs',
	rounds: 3,
	needs: ['variation'],
	evolveTasks: use(mutation, { mutations: 600, deeper: 0.5, easier: 2 }),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 4, temperature: 0.7 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { cap: 1 }), use(lengthFilter)],
	update: [
		use(replay, { share: 0.5, source: 'both' }),
		use(regularization, { average: 0.95 }),
		use(architecture, training),
	],
	evaluate: use(quantitative, { lookAhead: 1, stride: 0 }),
} satisfies Recipe;
