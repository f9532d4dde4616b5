/**
 * @file ReST meets ReAct (Aksitov et al. 2023): the model acts in a world in several turns, whole walks that reached their
 * goal are kept, and every step of them is learnt.
 *
 * Differs: the world itself says whether a goal was reached, where the paper lets a model rank trajectories; of several
 * walks that arrived the one in the fewest steps is learnt; first lessons are practised again, since easy problems were
 * forgotten; and weights go on from round to round instead of restarting from the base model.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { interactive } from '#loop/1-acquire/solution/positive/interactive.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';

const training = { steps: 160, learningRate: 1e-3, schedule: 'cosine' } as const;
export const restReact = {
	name: 'rest-react',
	title: 'ReST meets ReAct',
	by: 'Aksitov et al. 2023',
	paper: 'https://arxiv.org/abs/2312.10003',
	about:
		'Acts in a world, keeps the attempts that reached their goal, and learns every step of them.',
	environment: 'grid',
	rounds: 3,
	evolveTasks: use(selective, { selected: 300, poolSize: 600, poolFrom: 0, poolTo: 2 }),
	evolveSolutions: use(interactive, { turns: 16, samples: 6, learns: 'each' }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 1, prefer: 'brief' })],
	update: [
		use(replay, { share: 0.5, source: 'both' }),
		use(regularization, { average: 0.95 }),
		use(architecture, { trains: 'full', ...training, carryOptimizer: false }),
	],
	evaluate: use(quantitative, { lookAhead: 2, stride: 0 }),
} satisfies Recipe;
