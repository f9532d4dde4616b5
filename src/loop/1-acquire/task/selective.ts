/**
 * @file Selective task evolution (survey 4.1): no new problems, a choice from a fixed pool.
 *
 * Follows ReST-EM (Singh et al. 2023) and STaR (Zelikman et al. 2022): a set of problems of several
 * difficulties, of which each round takes some at random; or, as SOFT (Wang et al. 2024), one fixed chunk after another.
 * Differs: the pool is drawn from the run's seed, the same number for each difficulty, instead of being a data set.
 */
import { defineCell } from '#loop/cell.ts';
import { poolKnobs, shuffledPool } from '#loop/pool.ts';
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
		...poolKnobs,
		takes: {
			kind: 'choice',
			label: 'Takes',
			help: 'random: anew in every round; chunks: each problem once, a fixed part of the pool in each round, until all had their turn.',
			default: 'random',
			options: ['random', 'chunks'],
		},
	},
	needs: [],
	create: ({ selected, takes, ...pool }) => {
		return (context) => {
			context.world.signal.throwIfAborted();
			const { t } = context;
			// In the order of the first round, a chunk is the same whoever draws it.
			const all = shuffledPool(pool, takes === 'chunks' ? { ...context, t: 1 } : context);
			const chunks = Math.max(1, Math.ceil(all.length / selected));
			const from = takes === 'chunks' ? ((t - 1) % chunks) * selected : 0;
			const chosen = all.slice(from, from + selected);
			reportStep(context, address, chosen.length, chosen.length);
			return Promise.resolve(chosen);
		};
	},
});
