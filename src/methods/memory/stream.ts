/**
 * @file Self-StreamICL of StreamBench (Wu et al. 2024): tasks come in a stream, a word of feedback says which answers were
 * right, and those stand in view of the tasks that follow.
 *
 * As in the paper only right answers are remembered. Differs: retrieval by kind and words instead of embeddings, and the
 * stream comes in rounds of 24 tasks, after each of which the memory changes. Oldest cases are forgotten first.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { grounded } from '#loop/1-acquire/solution/positive/grounded.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { externalMemory } from '#loop/3-update/in-context/external-memory.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const exam = { examined: 40, recalled: 2, lookAhead: 0, span: 'practised', stride: 0 } as const;
export const stream = {
	name: 'stream',
	title: 'StreamBench memory',
	by: 'after Wu et al. 2024',
	paper: 'https://arxiv.org/abs/2406.08747',
	about: 'Takes tasks as they come, is told which answers were right, and reads those next time.',
	environment: 'instructions',
	rounds: 4,
	evolveTasks: use(knowledgeFree, { problems: 24 }),
	evolveSolutions: use(grounded, { rules: false, examples: 2, samples: 1, temperature: 0 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: [use(externalMemory, { perKind: 4, forgets: 'old', alone: true })],
	evaluate: use(quantitative, exam),
} satisfies Recipe;
