/** @file Words of a table row: its fate, its truth, and the columns' names. */
import type { Column, CompactRow } from '#ui/panels/experiences/experience-index.ts';
import type { FateFilter, VerdictFilter } from './table.svelte.ts';

/** `kept`, or no and why. */
export function rowFate({ fate, reason, rejected }: CompactRow): { kept: string; why: string } {
	if (rejected) return { kept: 'no', why: 'rejected by hand' };
	switch (fate) {
		case 'kept':
			return { kept: 'yes', why: '' };
		case 'set-aside':
			return { kept: 'no', why: reason };
		case 'fresh':
			return { kept: '…', why: 'not decided yet' };
		default:
			return fate satisfies never;
	}
}

/** Verdict of the verifier. */
export function rowTruth({ verdict, expected }: CompactRow): { mark: string; words: string } {
	switch (verdict) {
		case 'correct':
			return { mark: '✓', words: 'true' };
		case 'wrong':
			return { mark: '✗', words: expected === '' ? 'it is not' : `it is ${expected}` };
		case 'malformed':
			return { mark: '✗', words: 'unreadable' };
		case 'unjudged':
			return { mark: '?', words: 'could not tell' };
		default:
			return verdict satisfies never;
	}
}

export const trainedWords = ({ trainedIn }: CompactRow): string =>
	trainedIn.length === 0 ? 'no' : `round ${trainedIn.join(', ')}`;

export const fateNames: Readonly<Record<FateFilter, string>> = {
	any: 'kept or not',
	kept: 'kept',
	'set-aside': 'set aside',
	fresh: 'not decided yet',
	rejected: 'rejected by hand',
	trained: 'trained on',
};

export const verdictNames: Readonly<Record<VerdictFilter, string>> = {
	any: 'true or not',
	correct: 'true',
	wrong: 'false',
	malformed: 'unreadable',
	unjudged: 'could not tell',
};

/** The columns in order; `truth` is the verifier's. */
export const columns: readonly {
	readonly column: Column;
	readonly title: string;
	readonly kind?: 'truth';
}[] = [
	{ column: 't', title: 'round' },
	{ column: 'text', title: 'task' },
	{ column: 'answer', title: 'its answer' },
	{ column: 'difficulty', title: 'size' },
	{ column: 'score', title: 'judged' },
	{ column: 'fate', title: 'kept' },
	{ column: 'reason', title: 'why not' },
	{ column: 'trainedIn', title: 'trained on' },
	{ column: 'verdict', title: 'truth', kind: 'truth' },
];
