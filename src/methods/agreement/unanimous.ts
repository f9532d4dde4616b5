/**
 * @file Easy-to-hard self-training where few answers are possible: all views have to agree, and it climbs when they do.
 *
 * After Lee et al. 2025. Differs from `easy-to-hard` in the share of votes alone: of a handful of moves four of five views
 * name the same one by chance often enough to teach it.
 */
import { rationaleBased } from '#loop/1-acquire/solution/positive/rationale-based.ts';
import { metricFree } from '#loop/2-refine/filter/metric-free.ts';
import { easyToHard } from '../easy-to-hard.ts';
import { type Recipe, use } from '../parts/method.ts';

export const unanimous = {
	...easyToHard,
	name: 'unanimous',
	title: 'Unanimous self-training',
	by: 'after Lee et al. 2025',
	about: 'Climbs like easy-to-hard, but believes only what every view agrees on.',
	environment: 'nim',
	rounds: 3,
	evolveSolutions: use(rationaleBased, { views: 5, early: true, agree: 1 }),
	refine: [use(metricFree, { agree: 1, keeps: 'answer' })],
} satisfies Recipe;
