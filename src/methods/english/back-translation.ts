/**
 * @file Instruction back-translation (Li et al. 2023): plain texts become answers, to instructions that the model writes for
 * them, and those that fit are learnt.
 *
 * Differs: the texts are the base model's own instead of pages of the web, four times Yes or No instead of marks from 1
 * to 5, and where an instruction states what a program can check, the program has the word.
 */
import { judged } from '#loop/1-acquire/feedback/environment/judged.ts';
import { given } from '#loop/1-acquire/solution/positive/grounded/given.ts';
import { backTranslation } from '#loop/1-acquire/task/knowledge-free/back-translation.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { rank: 8, steps: 16, batch: 4, learningRate: 2e-4 } as const;
export const backTranslated = {
	name: 'back-translation',
	title: 'Instruction back-translation',
	by: 'after Li et al. 2023',
	paper: 'https://arxiv.org/abs/2308.06259',
	about: 'Takes plain texts as answers, writes the instruction of each, and learns those that fit.',
	environment: 'instructions',
	rounds: 2,
	evolveTasks: use(backTranslation),
	evolveSolutions: use(given),
	getFeedback: use(judged, { judgements: 4 }),
	refine: [use(metricBased, { minScore: 0.75, cap: 1 })],
	update: [use(architecture, training)],
	evaluate: use(quantitative, { examined: 20, lookAhead: 1, stride: 0, minKept: 0 }),
} satisfies Recipe;
