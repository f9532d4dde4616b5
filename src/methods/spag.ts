/**
 * @file SPAG (Cheng et al. 2024): two copies of the model play a game, and learn from who wins; nobody says which move was
 * right.
 *
 * Differs: a game with exact rules instead of words; of the moves in one position that which won most often is learnt, if
 * it won more often than others, instead of all moves weighted by a discounted result; half of each batch from the first
 * lessons, a LoRA and an average of the weights.
 */
import { outcomeOfGame } from '#loop/1-acquire/feedback/environment/outcome.ts';
import { selfPlay } from '#loop/1-acquire/solution/positive/self-play.ts';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from './parts/method.ts';

export const spag = {
	name: 'spag',
	title: 'Self-play',
	by: 'Cheng et al. 2024',
	paper: 'https://arxiv.org/abs/2404.10642',
	about: 'Plays a game against itself and learns the moves that won.',
	environment: 'tictactoe',
	rounds: 6,
	evolveTasks: use(knowledgeFree, { problems: 200 }),
	evolveSolutions: use(selfPlay, { opponent: 'policy', games: 16, moves: 2, temperature: 1 }),
	getFeedback: use(outcomeOfGame, { credit: 'gain' }),
	refine: [use(metricBased, { minScore: 0.65, cap: 1 })],
	update: [
		use(replay, { share: 0.5, source: 'both' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'lora', rank: 32, alpha: 32, steps: 60, learningRate: 2e-3 }),
	],
	evaluate: use(quantitative, { lookAhead: 2, minKept: 60, stride: 1 }),
} satisfies Recipe;
