/** @file The mark over a run of one's own: live only while something is under way. */
import type { RunStatus } from '#storage/runs/store.ts';
import { t } from '../../language/language.svelte.ts';
import type { Standing } from '../../state/standing.ts';

export interface Mark {
	readonly name: string;
	readonly words: string;
	readonly isLive: boolean;
}

const waits = { paused: 'mark.paused', stopped: 'mark.stopped', failed: 'mark.stopped' } as const;

/** Of a run of one's own in this standing; null for a recording. */
export function markOf(standing: Standing, status: RunStatus | 'pausing' | 'idle'): Mark | null {
	const live = (words: string): Mark => ({ name: t('mark.live'), words, isLive: true });
	const still = (name: string, words: string): Mark => ({ name, words, isLive: false });
	switch (standing) {
		case 'live here':
			return live(t('mark.here'));
		case 'live elsewhere':
			return live(t('mark.elsewhere'));
		case 'not answering':
			return still(t('mark.silent'), t('mark.reopens'));
		case 'resumable': {
			const name = status in waits ? waits[status as keyof typeof waits] : 'mark.waiting';
			return still(t(name), t('mark.goesOn'));
		}
		case 'over':
			return still(t('mark.finished'), t('mark.kept'));
		case 'gone':
			return still(t('mark.gone'), t('mark.notStored'));
		case 'nothing':
			return live(t('mark.begins'));
		case 'recording':
			return null;
		default:
			return standing satisfies never;
	}
}
