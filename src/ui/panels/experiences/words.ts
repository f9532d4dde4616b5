/** @file Words of a table row: its fate, its truth, and the columns' names. */
import type { Column, CompactRow } from '#ui/panels/experiences/experience-index.ts';
import type { Key } from '../../language/catalogues.ts';
import { said, t } from '../../language/language.svelte.ts';
import type { FateFilter, VerdictFilter } from './table.svelte.ts';

/** `kept`, or no and why. */
export function rowFate({ fate, reason, rejected }: CompactRow): { kept: string; why: string } {
	if (rejected) return { kept: t('fate.no'), why: t('fate.byHand') };
	switch (fate) {
		case 'kept':
			return { kept: t('fate.yes'), why: '' };
		case 'set-aside':
			return { kept: t('fate.no'), why: said(reason) };
		case 'fresh':
			return { kept: '…', why: t('fate.undecided') };
		default:
			return fate satisfies never;
	}
}

/** Verdict of the verifier. */
export function rowTruth({ verdict, expected }: CompactRow): { mark: string; words: string } {
	switch (verdict) {
		case 'correct':
			return { mark: '✓', words: t('truth.word') };
		case 'wrong':
			return {
				mark: '✗',
				words: expected === '' ? t('truth.itIsNot') : t('truth.itIs', { expected }),
			};
		case 'malformed':
			return { mark: '✗', words: t('truth.unreadable') };
		case 'unjudged':
			return { mark: '?', words: t('truth.couldNotTell') };
		default:
			return verdict satisfies never;
	}
}

export const trainedWords = ({ trainedIn }: CompactRow): string =>
	trainedIn.length === 0 ? t('trained.no') : t('trained.round', { rounds: trainedIn.join(', ') });

export const fateNames: Readonly<Record<FateFilter, Key>> = {
	any: 'fate.any',
	kept: 'fate.kept',
	'set-aside': 'fate.aside',
	fresh: 'fate.undecided',
	rejected: 'fate.byHand',
	trained: 'fate.trained',
};

export const verdictNames: Readonly<Record<VerdictFilter, Key>> = {
	any: 'truth.any',
	correct: 'truth.word',
	wrong: 'truth.false',
	malformed: 'truth.unreadable',
	unjudged: 'truth.couldNotTell',
};

/** The columns in order; `truth` is the verifier's. */
export const columns: readonly {
	readonly column: Column;
	readonly title: Key;
	readonly kind?: 'truth';
}[] = [
	{ column: 't', title: 'column.t' },
	{ column: 'text', title: 'column.text' },
	{ column: 'answer', title: 'column.answer' },
	{ column: 'difficulty', title: 'column.difficulty' },
	{ column: 'score', title: 'column.score' },
	{ column: 'fate', title: 'column.fate' },
	{ column: 'reason', title: 'column.reason' },
	{ column: 'trainedIn', title: 'column.trainedIn' },
	{ column: 'verdict', title: 'column.verdict', kind: 'truth' },
];
