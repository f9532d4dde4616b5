/**
 * @file ETO (Song et al. 2024): walks that reached their goal are preferred to walks of the same task that were lost.
 *
 * Differs: a pair is the step at which the two walks part, after what both had seen, instead of whole trajectories;
 * the seedling's first lessons stand for the behaviour cloning of the first phase.
 */
import { environment } from '#loop/1-acquire/feedback/environment.ts';
import { interactive } from '#loop/1-acquire/solution/positive/interactive.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { metricBased } from '#loop/2-refine/filter/metric-based.ts';
import { quantitative } from '#loop/4-evaluate/quantitative.ts';
import { type Recipe, use } from '../parts/method.ts';
import { preferenceUpdate } from '../parts/preference-update.ts';

export const eto = {
	name: 'eto',
	title: 'ETO',
	by: 'Song et al. 2024',
	paper: 'https://arxiv.org/abs/2403.02502',
	about:
		'Acts in a world, and learns to prefer the steps of walks that arrived to those of walks that got lost.',
	environment: 'grid',
	rounds: 3,
	evolveTasks: use(selective, { selected: 300, poolSize: 600, poolFrom: -1, poolTo: 2 }),
	evolveSolutions: use(interactive, { turns: 16, samples: 6, temperature: 1, learns: 'each' }),
	getFeedback: use(environment),
	refine: [use(metricBased, { minScore: 1, cap: 2 })],
	update: preferenceUpdate,
	evaluate: use(quantitative, { lookAhead: 2, stride: 0 }),
} satisfies Recipe;
