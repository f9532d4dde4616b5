/** @file Steps of the tour of World: what is lit up, and what is said of it. About ten seconds each. */
import type { Key } from '../../language/catalogues.ts';

export interface TourStep {
	/** Selector of what is lit up. */
	readonly at: string;
	readonly title: Key;
	readonly says: Key;
}

export const steps: readonly TourStep[] = [
	{ at: '.say', title: 'tour.say.title', says: 'tour.say.says' },
	{ at: '.wide', title: 'tour.ring.title', says: 'tour.ring.says' },
	{ at: '.accuracy', title: 'tour.exam.title', says: 'tour.exam.says' },
	{
		at: '[aria-labelledby="truth-title"]',
		title: 'tour.truth.title',
		says: 'tour.truth.says',
	},
	{ at: '.controls', title: 'tour.run.title', says: 'tour.run.says' },
	{ at: 'nav a[href="#/learn"]', title: 'tour.learn.title', says: 'tour.learn.says' },
];
