/**
 * @file Ditto (Lu et al. 2024): role-play by records of characters; answers in role are preferred to the same answers given
 * for another character, or made up.
 *
 * Differs: personas are records of what somebody has, and the environment puts in the other persona's words, where the paper
 * has a model play on with the wrong profile; DPO learns the preference.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { perturbative } from '#loop/1-acquire/solution/negative/perturbative.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { qualitative } from '#loop/4-evaluate/qualitative.ts';
import { type Recipe, use } from '../parts/method.ts';
import { preferenceUpdate } from '../parts/preference-update.ts';

export const ditto = {
	name: 'ditto',
	title: 'Ditto',
	by: 'after Lu et al. 2024',
	paper: 'https://arxiv.org/abs/2401.12474',
	about: 'Answers in role, and learns to prefer that to what another persona would say.',
	environment: 'persona',
	rounds: 3,
	evolveTasks: use(knowledgeFree, { problems: 300 }),
	evolveSolutions: use(perturbative, { spoils: 3 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: preferenceUpdate,
	evaluate: use(qualitative, { lookAhead: 1, stride: 1 }),
} satisfies Recipe;
