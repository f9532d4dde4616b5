/**
 * @file Memory alone: what was solved with the rules of its task in hand is remembered and stands in view of the next task
 * of its kind, also when it is examined; no weight ever changes.
 *
 * After MoT (Li & Qiu 2023). Differs: a verifier confirms what is remembered, where the paper lets answers vote; and two
 * cases of the same kind are retrieved by their words, where the paper lets a model choose.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { grounded } from '#loop/1-acquire/solution/positive/grounded.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { externalMemory } from '#loop/3-update/in-context/external-memory.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

export const memoryAlone = {
	name: 'memory-alone',
	title: 'Memory alone',
	by: 'after Li & Qiu 2023',
	paper: 'https://arxiv.org/abs/2305.05181',
	about: 'Trains nothing: remembers what it solved, and reads it before the next task of its kind.',
	environment: 'instructions',
	rounds: 2,
	evolveTasks: use(knowledgeFree, { problems: 96, spread: 'weak-kinds' }),
	evolveSolutions: use(grounded, { samples: 3, temperature: 0.7 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1, prefer: 'varied', maxSurprise: 9 })],
	update: [use(externalMemory, { perKind: 12, alone: true })],
	evaluate: use(quantitative, {
		...({ examined: 60, recalled: 2, lookAhead: 0, span: 'practised', stride: 0 } as const),
	}),
} satisfies Recipe;
