/** @file The mark over a run of one's own: live only while something is under way. */
import type { RunStatus } from '#storage/runs/store.ts';
import type { Standing } from '../../state/standing.ts';

export interface Mark {
	readonly name: string;
	readonly words: string;
	readonly isLive: boolean;
}

const waits = { paused: 'Paused', stopped: 'Stopped', failed: 'Stopped' } as const;

/** Of a run of one's own in this standing; null for a recording. */
export function markOf(standing: Standing, status: RunStatus | 'pausing' | 'idle'): Mark | null {
	const live = (words: string): Mark => ({ name: 'Live', words, isLive: true });
	const still = (name: string, words: string): Mark => ({ name, words, isLive: false });
	switch (standing) {
		case 'live here':
			return live('your own run, in this tab.');
		case 'live elsewhere':
			return live('your own run, in another tab.');
		case 'not answering':
			return still('Not answering', 'your own run; it is opened again in a moment.');
		case 'resumable': {
			const name = status in waits ? waits[status as keyof typeof waits] : 'Waiting';
			return still(name, 'your own run; it goes on where it was.');
		}
		case 'over':
			return still('Finished', 'your own run, kept under Runs.');
		case 'gone':
			return still('Gone', 'your own run; it is no longer stored here.');
		case 'nothing':
			return live('your own run, about to begin.');
		case 'recording':
			return null;
		default:
			return standing satisfies never;
	}
}
