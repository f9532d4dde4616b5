/**
 * @file Memory alone: what was solved by trying is remembered and read before the next task, and no weight ever changes.
 *
 * After MoT (Li & Qiu 2023). Differs: a verifier confirms what is remembered, each next case is taken for what those
 * before it do not tell, and the model is a seedling that was taught to read cases.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { grounded } from '#loop/1-acquire/solution/positive/grounded.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { externalMemory } from '#loop/3-update/in-context/external-memory.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

export const memoryAlone = {
	name: 'memory-alone',
	title: 'Memory alone',
	by: 'after Li & Qiu 2023',
	paper: 'https://arxiv.org/abs/2305.05181',
	about: 'Trains nothing: remembers what it solved by trying, and reads it before the next task.',
	environment: 'dialects',
	rounds: 4,
	evolveTasks: use(selective, { selected: 240, poolSize: 600, poolFrom: -3, poolTo: -2 }),
	evolveSolutions: use(grounded, { rules: false, examples: 8, samples: 16, temperature: 1 }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: [use(externalMemory, { perKind: 32, alone: true })],
	evaluate: use(quantitative, { recalled: 8, lookAhead: 0, stride: 0 }),
} satisfies Recipe;
