/** @file The gate: which candidate replaces the incumbent, and which is rolled back. */
import { describe, expect, test } from 'vitest';
import { decide, difference } from '#loop/4-evaluate/gate.ts';
import type { Score, ScoreCell } from '#loop/types.ts';

const score = (...correct: readonly number[]): Score => ({
	t: 1,
	policy: 'p',
	cells: correct.map((right, i) => ({ difficulty: i + 1, stratum: 'all', correct: right, n: 200 })),
	frontier: correct.length,
	threshold: 0.9,
});

describe('the gate', () => {
	test('lets every candidate through where it is off, and the first one anywhere', () => {
		expect(decide('off', score(200, 200), score(0, 0))).toEqual({ accept: 'keep' });
		expect(decide('any', null, score(0))).toEqual({ accept: 'keep' });
	});

	test('rolls back where a mastered skill falls beyond chance, and says which', () => {
		expect(decide('significant', score(200, 198), score(200, 180))).toEqual({
			accept: 'roll-back',
			why: 'difficulty 2 (all) fell from 198 of 200 to 180 of 200 (95 %: -14.0 to -4.7 points)',
		});
	});

	test('keeps a candidate that lost within chance, unless no answer may be lost', () => {
		expect(decide('significant', score(200, 198), score(200, 196)).accept).toBe('keep');
		expect(decide('any', score(200, 198), score(200, 196)).accept).toBe('roll-back');
	});

	test('does not guard what was never mastered, or was not asked again', () => {
		expect(decide('any', score(200, 150), score(200, 20)).accept).toBe('keep');
		expect(decide('any', score(200, 200), score(200)).accept).toBe('keep');
	});
});

describe('the gate, elsewhere', () => {
	const cell = (difficulty: number, correct: number, n = 40) => ({
		...{ difficulty, stratum: 'all', correct, n },
	});
	const elsewhere = (...places: readonly (readonly [string, readonly ScoreCell[]])[]): Score => ({
		...score(200, 198),
		elsewhere: places.map(([environment, cells]) => ({ environment, cells })),
	});
	const before = elsewhere(['sorting', [cell(1, 40), cell(2, 20)]], ['copying', [cell(1, 20)]]);

	test('rolls back where a mastered skill of another environment falls, and says which of which', () => {
		const after = elsewhere(['sorting', [cell(1, 30), cell(2, 20)]], ['copying', [cell(1, 20)]]);
		expect(decide('significant', before, after)).toEqual({
			accept: 'roll-back',
			why: 'sorting, difficulty 1 (all) fell from 40 of 40 to 30 of 40 (95 %: -40.2 to -11.1 points)',
		});
	});

	test('holds all of an environment together where nothing of it is mastered', () => {
		const after = elsewhere(['sorting', [cell(1, 40), cell(2, 20)]], ['copying', [cell(1, 8)]]);
		expect(decide('significant', before, after)).toEqual({
			accept: 'roll-back',
			why: 'copying as a whole fell from 20 of 40 to 8 of 40 (95 %: -47.6 to -9.1 points)',
		});
	});

	test('keeps what fell within chance, unless no answer may be lost', () => {
		const after = elsewhere(['sorting', [cell(1, 40), cell(2, 20)]], ['copying', [cell(1, 18)]]);
		expect(decide('significant', before, after).accept).toBe('keep');
		expect(decide('any', before, after).accept).toBe('roll-back');
		expect(decide('off', before, after).accept).toBe('keep');
	});

	test('compares nothing that one of both did not ask, nor what nobody could judge', () => {
		expect(decide('any', before, score(200, 198)).accept).toBe('keep');
		expect(decide('any', score(200, 198), before).accept).toBe('keep');
		const unjudged = elsewhere(['sorting', [cell(1, 0, 0)]]);
		expect(decide('any', before, unjudged).accept).toBe('keep');
		expect(decide('any', unjudged, before).accept).toBe('keep');
	});
});

test('the interval of a difference is that of Newcombe (1998), table II, method 10', () => {
	// 56/70 against 48/80: 0.0524 to 0.3339; 9/10 against 3/10: 0.1705 to 0.8090.
	const [low, high] = difference({ correct: 48, n: 80 }, { correct: 56, n: 70 });
	expect(low).toBeCloseTo(0.0524, 4);
	expect(high).toBeCloseTo(0.3339, 4);
	const [small, large] = difference({ correct: 3, n: 10 }, { correct: 9, n: 10 });
	expect(small).toBeCloseTo(0.1705, 4);
	expect(large).toBeCloseTo(0.809, 4);
});
