/**
 * @file Grounded self-training with both signs: beside the answers that the form of the task holds, the model answers
 * without it, and learns to prefer what a program confirms to what it says by itself and gets wrong (RPO, Pang et al.
 * 2024), where `grounded` only learns what is right.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { grounded } from '#loop/1-acquire/solution/positive/grounded.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { externalMemory } from '#loop/3-update/in-context/external-memory.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { exam, explored, filtered, lora } from '../parts/grounded-english.ts';
import { type Recipe, use } from '../parts/method.ts';

const preference = { objective: 'dpo', beta: 0.1, likelihood: 1 } as const;
const steps = { steps: 40, batch: 7, learningRate: 5e-4, warmup: 3, schedule: 'linear' } as const;
export const groundedPairs = {
	name: 'grounded-pairs',
	title: 'Grounded preferences',
	by: 'after Pang et al. 2024 and Sun et al. 2023',
	paper: 'https://arxiv.org/abs/2404.19733',
	about: 'Prefers what it solved with the rules in hand to what it gets wrong without them.',
	environment: 'instructions',
	rounds: 1,
	evolveTasks: use(knowledgeFree, explored),
	evolveSolutions: use(grounded, { samples: 3, unaided: 2, temperature: 0.7 }),
	getFeedback: use(environment),
	refine: [use(metricBased, filtered)],
	update: [
		use(externalMemory),
		use(architecture, { ...lora, ...preference, ...steps }),
		use(replay, { share: 0.3, source: 'plain', lessons: 64 }),
	],
	evaluate: use(quantitative, exam),
} satisfies Recipe;
