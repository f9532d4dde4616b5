/**
 * @file ReST (Gulcehre et al. 2023): samples are scored by a graded reward, and each round keeps only those above a
 * threshold that rises.
 *
 * Differs: the reward is the share of games that a move won instead of a learnt reward model; each round samples anew,
 * where the paper improves several times on the samples of one Grow step; the policy goes on from its last weights.
 */
import { outcomeOfGame } from '#loop/1-acquire/feedback/environment/outcome.ts';
import { selfPlay } from '#loop/1-acquire/solution/positive/self-play.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

export const rest = {
	name: 'rest',
	title: 'ReST',
	by: 'Gulcehre et al. 2023',
	paper: 'https://arxiv.org/abs/2308.08998',
	about: 'Keeps what scores above a threshold, and raises the threshold each round.',
	environment: 'tictactoe',
	rounds: 4,
	evolveTasks: use(knowledgeFree, { problems: 200 }),
	evolveSolutions: use(selfPlay, { opponent: 'policy', games: 16, moves: 2, temperature: 1 }),
	getFeedback: use(outcomeOfGame, { credit: 'gain' }),
	refine: [use(metricBased, { minScore: 0.55, rise: 0.05, cap: 1 })],
	update: [
		use(replay, { share: 0.5, source: 'both' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'lora', rank: 32, alpha: 32, steps: 60, learningRate: 2e-3 }),
	],
	evaluate: use(quantitative, { lookAhead: 2, minKept: 60, stride: 1 }),
} satisfies Recipe;
