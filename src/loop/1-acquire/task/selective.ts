/**
 * @file Selective task evolution (survey 4.1): no new problems, a choice from a fixed pool.
 *
 * Follows ReST-EM (Singh et al. 2023) and STaR (Zelikman et al. 2022): a set of problems of several
 * difficulties, of which each round takes some at random. Differs: the pool is drawn from the run's
 * seed, the same number for each difficulty, instead of being a data set.
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
	knobs: poolKnobs,
	needs: [],
	create: ({ selected, ...pool }) => {
		return (context) => {
			context.world.signal.throwIfAborted();
			const chosen = shuffledPool(pool, context).slice(0, selected);
			reportStep(context, address, chosen.length, chosen.length);
			return Promise.resolve(chosen);
		};
	},
});
