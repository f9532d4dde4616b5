/** @file Errors of two examinations side by side, by their first wrong step. */
import type { Score, ScoreCell } from '#loop/types.ts';

export interface FaultRow {
	/** As the second half of "it …". */
	readonly fault: string;
	readonly before: number;
	readonly after: number;
}

/** Errors, and answers that were asked for, in the part of an examination that is compared. */
export interface Counted {
	readonly wrong: number;
	readonly asked: number;
}

/** Faults at the start and now, in what both examinations asked; the most frequent at the start first. */
export function faultRows(first: Score | null, last: Score | null): readonly FaultRow[] {
	const [before, after] = inBoth(first, last).map(countsOf);
	const names = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
	return [...names]
		.map((fault) => ({ fault, before: before?.get(fault) ?? 0, after: after?.get(fault) ?? 0 }))
		.sort((a, b) => b.before - a.before || b.after - a.after);
}

/** Wrong answers out of those asked, at the start and now. */
export const wrongInBoth = (first: Score | null, last: Score | null): readonly Counted[] =>
	inBoth(first, last).map((cells) => ({
		wrong: cells.reduce((sum, { correct, n }) => sum + n - correct, 0),
		asked: cells.reduce((sum, { n }) => sum + n, 0),
	}));

const placeOf = ({ difficulty, stratum }: ScoreCell): string => `${difficulty}/${stratum}`;

/** The cells of each that the other has as well; those of the only one where there is no other. */
function inBoth(first: Score | null, last: Score | null): readonly (readonly ScoreCell[])[] {
	if (!first || !last) return [];
	const [before, after] = [first, last].map(({ cells }) => new Set(cells.map(placeOf)));
	return [first, last].map(({ cells }) =>
		cells.filter((cell) => before?.has(placeOf(cell)) && after?.has(placeOf(cell))),
	);
}

function countsOf(cells: readonly ScoreCell[]): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const { fault, n } of cells.flatMap(({ faults = [] }) => faults))
		counts.set(fault, (counts.get(fault) ?? 0) + n);
	return counts;
}
