/** @file The gate: which candidate replaces the incumbent, and which is rolled back. */
import { describe, expect, test } from 'vitest';
import { decide, difference } from '#loop/4-evaluate/gate.ts';
import type { Score } from '#loop/types.ts';

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
			why: 'difficulty 2 (all) fell from 198 of 200 to 180 of 200',
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

test('the interval of a difference is that of Newcombe (1998), table II, method 10', () => {
	// 56/70 against 48/80: 0.0524 to 0.3339; 9/10 against 3/10: 0.1705 to 0.8090.
	const [low, high] = difference({ correct: 48, n: 80 }, { correct: 56, n: 70 });
	expect(low).toBeCloseTo(0.0524, 4);
	expect(high).toBeCloseTo(0.3339, 4);
	const [small, large] = difference({ correct: 3, n: 10 }, { correct: 9, n: 10 });
	expect(small).toBeCloseTo(0.1705, 4);
	expect(large).toBeCloseTo(0.809, 4);
});
