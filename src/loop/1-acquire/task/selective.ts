/**
 * @file Selective task evolution (survey 4.1): no new problems, a choice from a fixed pool.
 *
 * Follows ReST-EM (Singh et al. 2023) and STaR (Zelikman et al. 2022): a set of problems of several
 * difficulties, of which each round takes some at random. Differs: the pool is drawn from the run's
 * seed, the same number for each difficulty, instead of being a data set.
 */
import { derive, random } from '#base/random.ts';
import { defineCell } from '#loop/cell.ts';
import { drawItems } from '#loop/draw.ts';
import { reportStep } from '#loop/report.ts';

const address = '1-acquire/task/selective';

export const selective = defineCell({
	section: '4.1',
	address,
	title: 'Selective tasks',
	step: 'evolveTasks',
	about: 'Chooses some of a fixed pool of problems, easy and hard ones together.',
	papers: ['https://arxiv.org/abs/2312.06585', 'https://arxiv.org/abs/2203.14465'],
	knobs: {
		selected: {
			kind: 'integer',
			label: 'Problems a round',
			help: 'How many problems a round takes from the pool.',
			default: 400,
			min: 1,
			max: 20_000,
			step: 50,
		},
		poolSize: {
			kind: 'integer',
			label: 'Pool',
			help: 'How many problems of each difficulty the pool holds.',
			default: 1000,
			min: 1,
			max: 20_000,
			step: 100,
		},
		poolFrom: {
			kind: 'integer',
			label: 'Easiest',
			help: 'Easiest difficulty of the pool, counted from the one being practised.',
			default: -2,
			min: -32,
			max: 32,
		},
		poolTo: {
			kind: 'integer',
			label: 'Hardest',
			help: 'Hardest difficulty of the pool, counted from the one being practised.',
			default: 2,
			min: -32,
			max: 32,
		},
	},
	needs: [],
	create: ({ selected, poolSize, poolFrom, poolTo }) => {
		return (context) => {
			const { world, t, objective } = context;
			world.signal.throwIfAborted();
			const { environment } = world;
			const { min, max } = environment.tasks.difficulty;
			const within = (difficulty: number) => Math.max(min, Math.min(max, difficulty));
			const from = within(objective.difficulty + Math.min(poolFrom, poolTo));
			const to = within(objective.difficulty + Math.max(poolFrom, poolTo));
			const pool = Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap(
				(difficulty) => {
					// The same pool in every round: the seed does not know t.
					const stream = random(derive(world.seed, 'pool', difficulty));
					const items = drawItems(environment, 'training', difficulty, poolSize, stream);
					return items.map((item, i) => ({
						id: `pool-${difficulty}-${String(i).padStart(5, '0')}`,
						item,
						difficulty: environment.tasks.difficultyOf(item),
						stratum: environment.tasks.stratumOf(item),
						text: environment.words.show(item),
					}));
				},
			);
			const chosen = random(derive(world.seed, 'selection', t))
				.shuffle(pool)
				.slice(0, selected);
			reportStep(context, address, chosen.length, chosen.length);
			return Promise.resolve(chosen);
		};
	},
});
