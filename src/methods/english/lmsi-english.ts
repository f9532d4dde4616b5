/**
 * @file LMSI in English (Huang et al. 2022): a language model answers small questions in several wordings; what most of its
 * answers say is the label, and it is learnt. Nobody says what is true.
 *
 * Differs from the paper: one greedy answer in each of five wordings, as Lee et al. 2025 ask in several views, since at
 * 0.7 a small model loses its way; the agreed answer is written as an equation or a sentence; a LoRA; and a third of each
 * batch is the base model's plain text, so that it goes on to speak as it did.
 */
import { model } from '#loop/1-acquire/feedback/model.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { lora } from '../parts/grounded-english.ts';
import { type Recipe, use } from '../parts/method.ts';

const steps = { steps: 20, batch: 9, learningRate: 5e-4, warmup: 3, schedule: 'linear' } as const;
export const lmsiEnglish = {
	name: 'lmsi-english',
	title: 'LMSI in English',
	by: 'after Huang et al. 2022',
	paper: 'https://arxiv.org/abs/2210.11610',
	about: 'Asks itself in several wordings, and learns the answer that most of them give.',
	environment: 'questions',
	rounds: 1,
	evolveTasks: use(knowledgeFree, { problems: 96 }),
	evolveSolutions: use(rationaleBased, { views: 5, temperature: 0, agree: 0.6 }),
	getFeedback: use(model),
	refine: [use(metricFree, { agree: 0.6, keeps: 'answer' })],
	update: [
		use(architecture, { ...lora, ...steps }),
		use(replay, { share: 0.35, source: 'plain', lessons: 48 }),
	],
	evaluate: use(quantitative, { examined: 60, lookAhead: 1, span: 'practised', stride: 0 }),
} satisfies Recipe;
