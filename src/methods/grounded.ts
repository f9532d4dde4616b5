/**
 * @file Grounded self-training in English: the form that an instruction states holds the answers while the model explores
 * (SELF-ALIGN, Sun et al. 2023, by a grammar), a program confirms them, and the weights learn to do without it (context
 * distillation, Snell et al. 2022), beside the base model's plain text. Two solved cases stand in view of a question of
 * the examination: the policy is weights and memory (MoT, Li & Qiu 2023).
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { grounded } from '#loop/1-acquire/solution/positive/grounded.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { externalMemory } from '#loop/3-update/in-context/external-memory.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { exam, explored, filtered, lora } from './parts/grounded-english.ts';
import { type Recipe, use } from './parts/method.ts';

const steps = { steps: 24, batch: 9, learningRate: 5e-4, warmup: 3, schedule: 'linear' } as const;
export const groundedEnglish = {
	name: 'grounded',
	title: 'Grounded self-training',
	by: 'after Sun et al. 2023 and Snell et al. 2022',
	paper: 'https://arxiv.org/abs/2305.03047',
	about: 'Explores with the rules of each task in hand, and learns and remembers what it solved.',
	environment: 'instructions',
	rounds: 1,
	evolveTasks: use(knowledgeFree, explored),
	evolveSolutions: use(grounded, { samples: 3, temperature: 0.7 }),
	getFeedback: use(environment),
	refine: [use(metricBased, filtered)],
	update: [
		use(externalMemory),
		use(architecture, { ...lora, ...steps }),
		use(replay, { share: 0.35, source: 'plain', lessons: 64 }),
	],
	evaluate: use(quantitative, exam),
} satisfies Recipe;
