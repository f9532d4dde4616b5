/** @file Share of right answers with its interval, in words. */
import { wilson } from '#loop/interval.ts';
import type { Score, ScoreCell } from '#loop/types.ts';

/** Right answers out of n. */
export interface Tally {
	readonly correct: number;
	readonly n: number;
}

export const tallyOf = (all: readonly Tally[]): Tally => ({
	correct: all.reduce((sum, { correct }) => sum + correct, 0),
	n: all.reduce((sum, { n }) => sum + n, 0),
});

/** Cells of two examinations that both asked, side by side: a later one may ask fewer difficulties. */
export const cellPairs = (a: Score, b: Score): readonly (readonly [ScoreCell, ScoreCell])[] =>
	a.cells.flatMap((cell) => {
		const other = b.cells.find(
			({ difficulty, stratum }) => difficulty === cell.difficulty && stratum === cell.stratum,
		);
		return other ? [[cell, other] as const] : [];
	});

/** The same, each examination for itself. */
export function sharedCells(
	a: Score,
	b: Score,
): readonly [a: readonly ScoreCell[], b: readonly ScoreCell[]] {
	const pairs = cellPairs(a, b);
	return [pairs.map(([cell]) => cell), pairs.map(([, cell]) => cell)];
}

/** `27 % (27 of 100, 19–37 %)`: a share with its 95 % interval. */
export function shareWords({ correct, n }: Tally): string {
	if (n === 0) return 'not judged';
	const [low, high] = wilson(correct, n).map((share) => Math.round(100 * share));
	// All are right only if none is wrong.
	const share = correct < n ? Math.min(99, Math.round((100 * correct) / n)) : 100;
	return `${share} % (${correct} of ${n}, ${low}–${high} %)`;
}
