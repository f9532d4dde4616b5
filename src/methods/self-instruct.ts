/**
 * @file Self-play in English: one model writes tasks (Self-Instruct, Wang et al. 2022), answers them, corrects and
 * judges its answers (SELF, Lu et al. 2023), and learns what it judged good.
 *
 * Differs: 64 tasks a round and a LoRA of rank 8 instead of 52,000 tasks and all weights; the judge gives marks.
 */
import { judge } from '#loop/1-acquire/feedback/model/judge.ts';
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { selfInstruct } from '#loop/1-acquire/task/knowledge-free/self-instruct.ts';
import { critiqueBased } from '#loop/2-refine/correct/critique-based.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from './parts/method.ts';

const training = { steps: 16, batch: 4, learningRate: 2e-4, warmup: 2 } as const;
export const selfInstructed = {
	name: 'self-instruct',
	title: 'Self-Instruct',
	by: 'Wang et al. 2022',
	paper: 'https://arxiv.org/abs/2212.10560',
	about: 'Writes its own tasks in English, answers, corrects and judges them, and learns the best.',
	environment: 'instructions',
	rounds: 3,
	roles: { judge: 'frozen' },
	evolveTasks: use(selfInstruct, { newTasks: 64 }),
	evolveSolutions: use(rationaleBased, { views: 1, samples: 2, temperature: 0.7 }),
	getFeedback: use(judge, { judgements: 4 }),
	refine: [use(critiqueBased, { reviseBelow: 0.5 }), use(metricBased, { minScore: 0.75, cap: 1 })],
	update: [
		use(replay, { share: 0.25, source: 'rounds', repeats: 4 }),
		use(architecture, { trains: 'lora', rank: 8, alpha: 16, ...training }),
	],
	evaluate: use(quantitative, { examined: 20, lookAhead: 1, stride: 0, minKept: 0 }),
} satisfies Recipe;
