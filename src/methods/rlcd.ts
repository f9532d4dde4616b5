/**
 * @file After RLCD (Yang et al. 2023): good answers are preferred to the same answers spoilt on purpose.
 *
 * Differs: the environment spoils them instead of a prompt that asks for a bad answer, the verifier says which were good,
 * and DPO learns the preference instead of a reward model with PPO.
 * On the seedling some of the faults that were shown become rarer, and the frontier stays.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { perturbative } from '#loop/1-acquire/solution/negative/perturbative.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { qualitative } from '#loop/4-evaluate/qualitative.ts';
import { type Recipe, use } from './parts/method.ts';
import { preferenceUpdate } from './parts/preference-update.ts';

export const rlcd = {
	name: 'rlcd',
	title: 'RLCD',
	by: 'after Yang et al. 2023',
	paper: 'https://arxiv.org/abs/2307.12950',
	about: 'Spoils its good answers in known ways, and learns to prefer the good ones.',
	environment: 'addition',
	rounds: 4,
	evolveTasks: use(knowledgeFree, { problems: 400 }),
	evolveSolutions: use(perturbative, { spoils: 2 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: preferenceUpdate,
	evaluate: use(qualitative, { lookAhead: 1, stride: 1 }),
} satisfies Recipe;
