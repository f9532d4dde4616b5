/** @file Chance beside a share of right answers: what guessing would score in the same cells of an examination. */
import type { Environment } from '#environments/environment.ts';
import type { ScoreCell } from '#loop/types.ts';

/** Share of right guesses among the tasks of these cells; 0 where there are none. */
export function chanceIn(
	{ chance }: Pick<Environment, 'chance'>,
	cells: readonly Pick<ScoreCell, 'difficulty' | 'stratum' | 'n'>[],
): number {
	const n = cells.reduce((sum, cell) => sum + cell.n, 0);
	const right = cells.reduce(
		(sum, cell) => sum + cell.n * chance.share(cell.difficulty, cell.stratum),
		0,
	);
	return n === 0 ? 0 : right / n;
}

/** Smaller shares are told as such. */
export const leastChance = 0.01;

/** Percent without its sign: `17`, or `<1`. */
export const chancePercent = (share: number): string =>
	share > 0 && share < leastChance ? `<${100 * leastChance}` : String(Math.round(100 * share));
