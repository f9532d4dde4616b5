/** @file Outcomes of runs: what the headline may say, from frontiers, truth of labels and old skills. */
import { expect, test } from 'vitest';
import { outcomeOf, outcomeWords } from '#runs/measure/outcome.ts';
import type { Score, ScoreCell } from '#loop/types.ts';
import type { TruthRow } from '#storage/runs/store.ts';

const score = (t: number, frontier: number, cells: readonly ScoreCell[] = []): Score => ({
	...{ t, policy: `p${t}`, frontier, threshold: 0.9, cells },
});
const truth = (t: number, correct: number, judged = 100): TruthRow => ({
	...{ t, asked: 400, kept: judged, correct, judged, believed: 0.9 },
	...{ correctBefore: correct, judgedBefore: judged },
});
const five = (correct: number): ScoreCell => ({
	...{ difficulty: 5, stratum: 'equal', correct, n: 200 },
});

const first = (correct: number, n = 240): ScoreCell => ({
	...{ difficulty: 1, stratum: 'format', correct, n },
});

test.each([
	[
		'climbs',
		[score(0, 0, [first(36)]), score(1, 0, [first(91)])],
		[],
		'91 of 240 are right now, and 36 of 240 before',
	],
	['stands-still', [score(0, 0, [first(36)]), score(1, 0, [first(51)])], [], ''],
	['climbs', [score(0, 9), score(1, 12)], [truth(1, 99)], ''],
	['stands-still', [score(0, 9), score(1, 9)], [truth(1, 99)], ''],
	['stands-still', [score(0, 9), score(1, 9)], [truth(1, 0, 3)], ''],
	['climbs', [score(0, 9), score(2, 16)], [truth(1, 60), truth(2, 99)], ''],
	['stands-still', [score(0, 9), { ...score(1, 9), rolledBack: 'x' }], [truth(1, 99)], ''],
	[
		'stands-still',
		[score(0, 9), score(1, 9)],
		[truth(1, 60)],
		'of what it kept in round 1 only 60 % is true (60 of 100)',
	],
	['forgets', [score(0, 9), score(1, 7)], [truth(1, 99)], 'it masters 7 now, and 9 before'],
	[
		'climbs-on-errors',
		[score(0, 9), score(1, 10)],
		[truth(1, 60), truth(2, 50)],
		'of what it kept in round 2 only 50 % is true (50 of 100)',
	],
	[
		'collapses',
		[score(0, 9), score(3, 10)],
		[truth(1, 84), truth(2, 33), truth(3, 5)],
		'of what it kept in round 3 only 5 % is true (5 of 100)',
	],
	[
		'forgets',
		[score(0, 9, [five(200)]), score(1, 14, [five(170)])],
		[truth(1, 99)],
		'difficulty 5 (equal) fell from 200 of 200 to 170 of 200',
	],
	['climbs', [score(0, 9, [five(200)]), score(1, 14, [five(199)])], [truth(1, 99)], ''],
] as const)('%s, and why', (kind, scores, truths, why) => {
	expect(outcomeOf(scores, truths)).toEqual({ kind, why });
});

test('is told in words, with its reason if it has one', () => {
	expect(outcomeWords({ kind: 'stands-still', why: '' })).toBe('it stands still');
	expect(outcomeWords({ kind: 'climbs-on-errors', why: 'of what it kept 50 % is true' })).toBe(
		'it climbs on errors: of what it kept 50 % is true',
	);
});

test('is none before a round was examined', () => {
	expect(outcomeOf([score(0, 9)], [])).toBeUndefined();
	expect(outcomeOf([], [])).toBeUndefined();
});
