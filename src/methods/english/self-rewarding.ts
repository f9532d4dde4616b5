/**
 * @file Self-Rewarding (Yuan et al. 2024): the model writes tasks, answers each several times, judges its answers, and
 * prefers the best to the worst.
 *
 * As in the paper: four answers, one pair a task, DPO. Differs: Yes or No instead of a rubric of five points, 48 tasks
 * a round and a LoRA. SmolLM2-135M judges little better than chance; a larger model is needed.
 */
import { judge } from '#loop/1-acquire/feedback/model/judge.ts';
import { contrastive } from '#loop/1-acquire/solution/negative/contrastive.ts';
import { selfInstruct } from '#loop/1-acquire/task/knowledge-free/self-instruct.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = {
	objective: 'dpo',
	rank: 8,
	beta: 0.1,
	steps: 16,
	batch: 4,
	learningRate: 5e-5,
} as const;
export const selfRewarding = {
	name: 'self-rewarding',
	title: 'Self-Rewarding',
	by: 'Yuan et al. 2024',
	paper: 'https://arxiv.org/abs/2401.10020',
	about: 'Writes tasks, judges its own answers, and learns to prefer those that it judged best.',
	environment: 'instructions',
	rounds: 3,
	evolveTasks: use(selfInstruct, { newTasks: 48 }),
	evolveSolutions: use(contrastive, { samples: 4, most: 8, temperature: 0.7 }),
	getFeedback: use(judge, { judgements: 4 }),
	refine: [use(metricBased, { minScore: 0.5, cap: 1 })],
	update: [use(regularization, { average: 0, klReference: 'round' }), use(architecture, training)],
	evaluate: use(quantitative, { examined: 20, lookAhead: 1, stride: 0, minKept: 0 }),
} satisfies Recipe;
