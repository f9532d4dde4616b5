/**
 * @file SPICE (Liu et al. 2025): a challenger reads a text and asks about it, and a reasoner who does not see the text answers.
 *
 * Newer than the survey; UltraChat and SciGLM ask about texts in the same way. Differs: the environment's answers are learnt
 * by preference to the reasoner's own, since a small model knows none of a text that it has not seen, and the challenger is
 * not trained.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { spin } from '#loop/1-acquire/solution/negative/contrastive/spin.ts';
import { questionsOfRecords } from '#loop/1-acquire/task/knowledge-based/proposer.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { steps: 24, batch: 4, learningRate: 5e-4, schedule: 'linear' } as const;
export const spice = {
	name: 'spice',
	title: 'SPICE',
	by: 'after Liu et al. 2025',
	paper: 'https://arxiv.org/abs/2510.24684',
	about: 'Reads texts, asks itself about them, and learns to answer without seeing them.',
	environment: 'facts',
	environmentKnobs: { told: 'text' },
	rounds: 3,
	evolveTasks: use(questionsOfRecords, { proposed: 32, patterns: 2 }),
	evolveSolutions: use(spin),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1 })],
	update: [
		use(replay, { share: 0.5, source: 'rounds' }),
		use(architecture, { trains: 'lora', rank: 16, alpha: 32, ...training }),
	],
	evaluate: use(quantitative, { examined: 20, lookAhead: 0, stride: 0, minKept: 0 }),
} satisfies Recipe;
