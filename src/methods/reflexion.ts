/**
 * @file Reflexion (Shinn et al. 2023): no weight changes; the model notes what to do otherwise and reads it next time.
 *
 * Differs: one note for all tasks, and new tasks of the same kind each round instead of the same ones again.
 * SmolLM2-135M copies its attempts for a note and does worse with it; a larger model is needed.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { workingMemory } from '#loop/3-update/in-context/working-memory.ts';
import { qualitative } from '#loop/4-evaluate/qualitative.ts';
import { type Recipe, use } from './parts/method.ts';

const examination = { examined: 60, lookAhead: 0, span: 'practised', stride: 0 } as const;
export const reflexion = {
	name: 'reflexion',
	title: 'Reflexion',
	by: 'Shinn et al. 2023',
	paper: 'https://arxiv.org/abs/2303.11366',
	about: 'Changes no weights: writes itself a note on its last attempts and reads it next time.',
	environment: 'instructions',
	rounds: 3,
	evolveTasks: use(knowledgeFree, { problems: 24 }),
	evolveSolutions: use(rationaleBased, { views: 1 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: [use(workingMemory, { attempts: 4, noteTokens: 64 })],
	evaluate: use(qualitative, examination),
} satisfies Recipe;
