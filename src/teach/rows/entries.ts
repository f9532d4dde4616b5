/** @file Prepared rows as a list shows them: which of them pass a filter, and the words of one. */
import type { PreparedRow } from '#dataset/refine/prepared.ts';
import { shownLesson, type DataRow } from '#dataset/row.ts';
import type { RowEntry, RowFilter } from '../types.ts';

/** Characters of a prompt, its last ones, and of an answer. */
const longestShown = 400;

/** `rows`: all that were read; a near-duplicate names one of them by its index. */
export function entryOf(
	{ row, id, side, like, personal, left }: PreparedRow,
	rows: readonly DataRow[],
): RowEntry {
	const { asked, answered, worse } = shownLesson(row.lesson);
	const twin = like === undefined ? undefined : rows[like];
	return {
		...{ id, learnt: row.id, side, personal, file: row.file, line: row.line },
		asked: asked.slice(-longestShown),
		answered: answered.slice(0, longestShown),
		...(worse !== undefined && { worse: worse.slice(0, longestShown) }),
		...(row.lesson.kind === 'judged' && !row.lesson.good && { isBad: true }),
		...(twin && { like: `${twin.file}:${twin.line}` }),
		...(left && { left }),
		...(row.written && { written: row.written }),
	};
}

export function passes(
	{ row, side, left, personal, like }: PreparedRow,
	filter: RowFilter,
): boolean {
	switch (filter) {
		case 'all':
			return true;
		case 'validation':
			return side === 'validation' && left === undefined;
		case 'personal':
			return personal.length > 0;
		case 'duplicates':
			return like !== undefined;
		case 'written':
			return row.written !== undefined;
		case 'left':
			return left !== undefined;
		default:
			return filter satisfies never;
	}
}
