/**
 * @file The gate: whether a candidate that was examined takes the place of the incumbent.
 *
 * Compares shares of right answers on the same sealed problems. A loss is beyond chance if the whole interval of the
 * difference lies below zero (Newcombe 1998, method 10, on Wilson's intervals, 95 %).
 */
import { wilson } from '#loop/interval.ts';
import type { Decision, Score, ScoreCell } from '#loop/types.ts';

export const gates = ['off', 'significant', 'any'] as const;
/** `off`: every candidate is kept; `significant`: no mastered skill may fall beyond chance; `any`: none may fall at all. */
export type Gate = (typeof gates)[number];

/** The difference `after − before` of two shares, as an interval of 95 %. */
export function difference(
	before: Pick<ScoreCell, 'correct' | 'n'>,
	after: Pick<ScoreCell, 'correct' | 'n'>,
): readonly [low: number, high: number] {
	const [p, q] = [before.correct / before.n, after.correct / after.n];
	const [pLow, pHigh] = wilson(before.correct, before.n);
	const [qLow, qHigh] = wilson(after.correct, after.n);
	return [q - p - Math.hypot(q - qLow, pHigh - p), q - p + Math.hypot(qHigh - q, p - pLow)];
}

/** A skill before and after an update. */
export interface Skill {
	/** Words for people: `difficulty 2 (equal)`. */
	readonly name: string;
	readonly before: Pick<ScoreCell, 'correct' | 'n'>;
	readonly after: Pick<ScoreCell, 'correct' | 'n'>;
}

/** Mastered skills that fell beyond chance, or that must not fall at all. */
export const lostSkills = (
	gate: Exclude<Gate, 'off'>,
	before: Score,
	after: Pick<Score, 'cells'>,
): readonly Skill[] =>
	masteredSkills(before.cells, after.cells, before.threshold).filter((skill) =>
		isLost(gate, skill),
	);

/** `difficulty 2 (equal) fell from 198 of 200 to 170 of 200`. */
export const fallOf = ({ name, before, after }: Skill): string =>
	`${name} fell from ${inWords(before)} to ${inWords(after)}`;

/** Keeps the candidate unless a skill that the incumbent had mastered is lost, here or in another environment. */
export function decide(gate: Gate, before: Score | null, after: Score): Decision {
	if (gate === 'off' || before === null) return { accept: 'keep' };
	const { threshold } = before;
	const lost = [
		...masteredSkills(before.cells, after.cells, threshold),
		...(before.elsewhere ?? []).flatMap(({ environment, cells }) => {
			const now = after.elsewhere?.find((place) => place.environment === environment)?.cells ?? [];
			return [
				...masteredSkills(cells, now, threshold, `${environment}, `),
				// Where little is mastered, all that it can do together is held.
				...together(cells, now, `${environment} as a whole`),
			];
		}),
	].find((skill) => isLost(gate, skill));
	if (!lost) return { accept: 'keep' };
	const [low, high] = difference(lost.before, lost.after).map((by) => (100 * by).toFixed(1));
	return {
		accept: 'roll-back',
		why: `${fallOf(lost)} (95 %: ${low} to ${high} points)`,
	};
}

const inWords = ({ correct, n }: Pick<ScoreCell, 'correct' | 'n'>): string => `${correct} of ${n}`;

function isLost(gate: Gate, { before, after }: Skill): boolean {
	if (gate === 'any') return after.correct / after.n < before.correct / before.n;
	const [, high] = difference(before, after);
	return high < 0;
}

/** The cells that were mastered and that both examinations asked. */
const masteredSkills = (
	before: readonly ScoreCell[],
	after: readonly ScoreCell[],
	threshold: number,
	where = '',
): readonly Skill[] =>
	before.flatMap((old) => {
		const now = after.find((cell) => isSame(cell, old));
		if (!now || now.n === 0 || old.n === 0 || old.correct / old.n < threshold) return [];
		const name = `${where}difficulty ${old.difficulty} (${old.stratum})`;
		return [{ name, before: old, after: now }];
	});

/** All cells that both examinations asked, as one. */
function together(
	before: readonly ScoreCell[],
	after: readonly ScoreCell[],
	name: string,
): readonly Skill[] {
	const pairs = before.flatMap((old) => {
		const now = after.find((cell) => isSame(cell, old));
		return now && now.n > 0 && old.n > 0 ? [{ old, now }] : [];
	});
	if (pairs.length === 0) return [];
	const sum = (cells: readonly ScoreCell[]) => ({
		correct: cells.reduce((total, { correct }) => total + correct, 0),
		n: cells.reduce((total, { n }) => total + n, 0),
	});
	return [
		{ name, before: sum(pairs.map(({ old }) => old)), after: sum(pairs.map(({ now }) => now)) },
	];
}

const isSame = (a: ScoreCell, b: ScoreCell): boolean =>
	a.difficulty === b.difficulty && a.stratum === b.stratum;
