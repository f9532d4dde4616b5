/**
 * @file Iterative preference optimisation (Pang et al. 2024): several answers to each problem, the verifier says which are
 * right, and those are preferred to the wrong ones (DPO), round after round.
 *
 * Differs: no likelihood term beside the preferences, one to eight samples instead of thirty, a LoRA.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { contrastive } from '#loop/1-acquire/solution/negative/contrastive.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from './parts/method.ts';
import { preferenceUpdate } from './parts/preference-update.ts';

export const preferences = {
	name: 'preferences',
	title: 'Iterative preferences',
	by: 'Pang et al. 2024',
	paper: 'https://arxiv.org/abs/2404.19733',
	about: 'Sets right beside wrong answers of its own and learns to prefer the right ones.',
	environment: 'addition',
	rounds: 4,
	evolveTasks: use(knowledgeFree, { problems: 400 }),
	evolveSolutions: use(contrastive, { samples: 4, most: 8, temperature: 1 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: preferenceUpdate,
	evaluate: use(quantitative, { lookAhead: 1, stride: 1 }),
} satisfies Recipe;
