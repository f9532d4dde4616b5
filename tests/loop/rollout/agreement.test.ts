/** @file Votes: who wins, and how many are needed. */
import { expect, test } from 'vitest';
import { mostCommon, neededOf } from '#loop/rollout/agreement.ts';

test('the most common answer wins, the first to come wins a tie, malformed ones have no vote', () => {
	expect(mostCommon(['1', '2', '2', null, null, null])).toEqual({ answer: '2', count: 2 });
	expect(mostCommon(['3', '4', '4', '3'])).toEqual({ answer: '3', count: 2 });
	expect(mostCommon([null, null])).toEqual({ answer: null, count: 0 });
});

test('a share of the answers is a whole number of them, without a hair of rounding', () => {
	expect(neededOf(0.8, 5)).toBe(4);
	expect(neededOf(0.7, 10)).toBe(7);
	expect(neededOf(0.7, 32)).toBe(23);
	expect(neededOf(0, 5)).toBe(0);
	expect(neededOf(1, 9)).toBe(9);
});
