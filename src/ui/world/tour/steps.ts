/** @file Steps of the tour of World: what is lit up, and what is said of it. About ten seconds each. */

export interface TourStep {
	/** Selector of what is lit up. */
	readonly at: string;
	readonly title: string;
	readonly says: string;
}

export const steps: readonly TourStep[] = [
	{
		at: '.say',
		title: 'What it can do now',
		says: 'This line says what the model can do, and where it began. Nobody teaches it: it is a small model that practises by itself, in this tab.',
	},
	{
		at: '.wide',
		title: 'Once around the ring',
		says: 'It makes up tasks and answers them, keeps what it trusts, trains on that, and is examined. Then again. Each dot is an answer; those that are set aside leave the ring.',
	},
	{
		at: '.accuracy',
		title: 'The examination',
		says: 'A row for each round, a column for each length of task, all of them tasks it never trains on. The outlined square is the longest that it masters.',
	},
	{
		at: '[aria-labelledby="truth-title"]',
		title: 'What it believes, and what is true',
		says: 'How sure the model is of what it learns from, and how much of that is right. It never sees the second bar. When the two part, it is learning errors.',
	},
	{
		at: '[aria-label="The run"]',
		title: 'Your own run',
		says: 'What plays at first is a recording. Press Evolve, and the same begins for real, on your machine. Nothing leaves this tab.',
	},
	{
		at: 'nav a[href="#/learn"]',
		title: 'Why all this?',
		says: 'Learn has short lessons. Each asks you first what you expect, and then shows it.',
	},
];

export const tourWords = {
	/** The first part only if there is room. */
	offer: ['New here? 60 seconds:', 'take the tour'],
	again: 'Tour',
	label: 'Tour of this page',
	next: 'Next',
	back: 'Back',
	end: 'End the tour',
	done: 'Done',
	step: (i: number) => `${i + 1} of ${steps.length}`,
} as const;
