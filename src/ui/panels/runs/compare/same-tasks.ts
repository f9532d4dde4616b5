/** @file Rows of the same task in two runs, side by side. */
import type { ExperienceRow, ListedRow } from '#runs/stored/row.ts';

/** Without what only the opened row shows. */
export type TaskRow = Pick<
	ExperienceRow,
	'id' | 'text' | 'answer' | 'verdict' | 'fate' | 'reason' | 'rejected'
>;

export interface SameTask {
	readonly text: string;
	readonly a: TaskRow;
	readonly b: TaskRow;
}

/** Tasks that both runs met, those that went apart first; each once, in the order of run A. */
export function sameTasks(a: readonly ListedRow[], b: readonly ListedRow[]): readonly SameTask[] {
	const others = new Map(b.map((row) => [row.text, row]));
	const pairs = [...new Map(a.map((row) => [row.text, row])).values()].flatMap((row) => {
		const other = others.get(row.text);
		return other && row.damaged === undefined && other.damaged === undefined
			? [{ text: row.text, a: row, b: other }]
			: [];
	});
	const apart = (pair: SameTask): boolean =>
		pair.a.answer !== pair.b.answer || pair.a.fate !== pair.b.fate;
	return [...pairs.filter(apart), ...pairs.filter((pair) => !apart(pair))];
}
