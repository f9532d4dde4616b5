/**
 * @file SPIN (Chen et al. 2024): the known answer is preferred to the policy's own, with the policy as reference, until
 * the two cannot be told apart.
 *
 * Differs: 400 problems around the frontier instead of 50,000 prompts, those of earlier rounds are not kept, a LoRA.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { spin } from '#loop/1-acquire/solution/negative/contrastive/spin.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from './parts/method.ts';
import { preferenceUpdate } from './parts/preference-update.ts';

export const spinning = {
	name: 'spin',
	title: 'SPIN',
	by: 'Chen et al. 2024',
	paper: 'https://arxiv.org/abs/2401.01335',
	about: 'Learns to prefer the known answer to its own of the round before.',
	environment: 'addition',
	rounds: 4,
	evolveTasks: use(knowledgeFree, { problems: 400 }),
	evolveSolutions: use(spin, { opponent: 'round', temperature: 1 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: preferenceUpdate,
	evaluate: use(quantitative, { lookAhead: 1, stride: 1 }),
} satisfies Recipe;
