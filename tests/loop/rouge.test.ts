/** @file ROUGE-L against the values of Google's rouge-score. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rougeL } from '#loop/rouge.ts';

const rows = JSON.parse(
	readFileSync(new URL('../fixtures/rouge/expected.json', import.meta.url), 'utf8'),
) as readonly (readonly [string, string, number])[];

test('equals rouge-score on 64 pairs, in either order', () => {
	expect(rows).toHaveLength(64);
	for (const [a, b, expected] of rows) {
		expect(rougeL(a, b), `${a} | ${b}`).toBeCloseTo(expected, 12);
		expect(rougeL(b, a)).toBeCloseTo(expected, 12);
	}
});

test('is 1 for the same words and 0 where there are none', () => {
	expect(rougeL('Describe a kite.', 'describe A KITE')).toBe(1);
	expect(rougeL('', '')).toBe(0);
	expect(rougeL('one', 'two')).toBe(0);
});
