/** @file What can be played of a lesson: live worlds, its recording, or both; never nothing, whatever a teacher's link shows. */
import type { Lesson } from './lesson.ts';

export interface Offers {
	readonly live: boolean;
	readonly recorded: boolean;
	/** The seed of the address holds; a recording has the lesson's own. */
	readonly takesSeed: boolean;
}

/** Seed of the first world; what is planted draws its digits from it. */
export const seedOf = ({ run }: Pick<Lesson, 'run'>): number =>
	Number(new URLSearchParams(run).get('seed') ?? 1);

export function offersOf(
	{ recording }: Pick<Lesson, 'recording'>,
	link: {
		/** It came from a file or a link: nothing is recorded of it. */
		readonly isForeign: boolean;
		/** The address asks for another seed than the lesson's own. */
		readonly isSeeded: boolean;
		readonly shows: (control: 'live' | 'recorded') => boolean;
	},
): Offers {
	const live = link.isForeign || (recording === undefined && link.shows('live'));
	const takesSeed = live && link.isSeeded;
	const recorded = !link.isForeign && !takesSeed && (!live || link.shows('recorded'));
	return { live, recorded, takesSeed };
}
