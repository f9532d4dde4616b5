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

/** Keeps the candidate unless a skill that the incumbent had mastered is lost. */
export function decide(gate: Gate, before: Score | null, after: Score): Decision {
	if (gate === 'off' || before === null) return { accept: 'keep' };
	for (const old of before.cells) {
		const now = after.cells.find(
			(cell) => cell.difficulty === old.difficulty && cell.stratum === old.stratum,
		);
		const mastered = old.n > 0 && old.correct / old.n >= before.threshold;
		if (!now || now.n === 0 || !mastered) continue;
		const [, high] = difference(old, now);
		const isLost = gate === 'any' ? now.correct / now.n < old.correct / old.n : high < 0;
		if (isLost)
			return {
				accept: 'roll-back',
				why: `difficulty ${old.difficulty} (${old.stratum}) fell from ${old.correct} of ${old.n} to ${now.correct} of ${now.n}`,
			};
	}
	return { accept: 'keep' };
}
