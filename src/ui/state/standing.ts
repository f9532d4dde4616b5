/** @file Standing of the page: what it may say and offer, derived from who trains, what is under way and the last sign of life. */
import type { RunStatus } from '#storage/runs/store.ts';

/** Known facts, none of them a wording. */
export interface Facts {
	readonly source: 'none' | 'recorded' | 'live';
	readonly status: RunStatus | 'pausing' | 'idle';
	/** This tab trains; false if another one does. */
	readonly trains: boolean;
	/** The worker sends signs of life. */
	readonly answers: boolean;
	/** The run shown is still stored. */
	readonly isStored: boolean;
	/** A command is on its way. */
	readonly acting: boolean;
}

export type Standing =
	| 'live here'
	| 'live elsewhere'
	| 'not answering'
	| 'resumable'
	| 'over'
	| 'gone'
	| 'recording'
	| 'nothing';

/** Actions that are possible now; the first is the big button. */
export interface Can {
	readonly evolve: boolean;
	readonly resume: boolean;
	readonly pause: boolean;
	readonly step: boolean;
	readonly stop: boolean;
}

/** A run of one's own comes before a recording. */
export function standingOf({ source, status, trains, answers, isStored }: Facts): Standing {
	if (source === 'recorded') return 'recording';
	if (source === 'none') return 'nothing';
	switch (status) {
		case 'idle':
			return 'nothing';
		case 'running':
		case 'pausing':
			if (!answers) return 'not answering';
			return trains ? 'live here' : 'live elsewhere';
		case 'finished':
			return isStored ? 'over' : 'gone';
		case 'paused':
		case 'stopped':
		case 'failed':
			return isStored ? 'resumable' : 'gone';
		default:
			return status satisfies never;
	}
}

/** Actions that are possible there. */
export function canDo(facts: Facts): Can {
	const standing = standingOf(facts);
	const free = !facts.acting;
	const going = ['live here', 'live elsewhere', 'not answering'].includes(standing);
	const resume = free && standing === 'resumable';
	return {
		evolve: free && !going,
		resume,
		pause: free && going && facts.status === 'running',
		step:
			resume ||
			(free && (standing === 'recording' || standing === 'nothing' || standing === 'gone')),
		// Also while a pause or a single step is waited for.
		stop: going,
	};
}
