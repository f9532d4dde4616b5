/** @file The verdict follows the intervals: better, forgot, worse, or no difference that these rows can show. */
import { describe, expect, test } from 'vitest';
import { isExact, rougeL } from '#teach/rouge.ts';
import { bootstrap } from '#teach/statistics.ts';
import { verdictOf, type Examination, type Figure } from '#teach/verdict.ts';

const figure = (before: number, after: number, half: number, n = 20): Figure => ({
	before,
	after,
	difference: { mean: after - before, low: after - before - half, high: after - before + half, n },
});
const found = (over: Partial<Examination>): Examination => ({
	...{ on: 'validation', seed: 1, shown: [] },
	loss: figure(2, 1.5, 0.1),
	plain: figure(3, 3.001, 0.01),
	instructions: figure(0.5, 0.45, 0.2),
	...over,
});

describe('a verdict', () => {
	test.each<[string, Partial<Examination>]>([
		['Better at yours, not worse elsewhere.', {}],
		['Better at the rows it learnt, not worse elsewhere.', { on: 'training' }],
		[
			'Better at yours, but it forgot: plain English is harder for it (perplexity 20.1 → 24.5).',
			{ plain: figure(3, 3.2, 0.1) },
		],
		[
			'Better at yours, but it forgot: it keeps fewer instructions (50 % → 20 %).',
			{ instructions: figure(0.5, 0.2, 0.1) },
		],
		['No difference that 20 rows can show.', { loss: figure(2, 1.9, 0.2) }],
		// Where all rows are preferences their order counts, whatever becomes of the loss.
		[
			'Better at yours, not worse elsewhere.',
			{ loss: figure(2, 2.5, 0.2), preferred: figure(0.4, 0.5, 0.2), margin: figure(-3, 5, 1) },
		],
		[
			'No difference that 20 rows can show.',
			{ loss: figure(2, 1, 0.1), preferred: figure(0.4, 0.5, 0.2), margin: figure(1, 1.2, 0.5) },
		],
		[
			'Worse at yours than before: fewer steps or a smaller learning rate may help.',
			{ loss: figure(2, 1, 0.1), preferred: figure(0.8, 0.2, 0.2), margin: figure(1, 0.5, 1) },
		],
		// Beside other rows they are one more way to be better.
		[
			'Better at yours, not worse elsewhere.',
			{ loss: figure(2, 2.5, 0.2), preferred: figure(0.2, 0.8, 0.2, 5) },
		],
		['No difference that one row can show.', { loss: figure(2, 1, Infinity, 1) }],
		[
			'Better at yours, not worse elsewhere.',
			{ loss: figure(2, 2.1, 0.2), exact: figure(0, 0.5, 0.2) },
		],
		[
			'Worse at yours than before: fewer steps or a smaller learning rate may help.',
			{ loss: figure(2, 2.5, 0.2) },
		],
	])('%s', (sentence, over) => {
		expect(verdictOf(found(over)).sentence).toBe(sentence);
	});
});

test('the bootstrap holds the mean, is seeded, and says nothing of one item', () => {
	const values = Array.from({ length: 60 }, (_, i) => -0.2 + (i % 5) * 0.01);
	const one = bootstrap(values, 3);
	expect(one.mean).toBeCloseTo(-0.18);
	expect(one.low).toBeLessThan(one.mean);
	expect(one.high).toBeGreaterThan(one.mean);
	expect(one.high).toBeLessThan(0);
	expect(bootstrap(values, 3)).toEqual(one);
	expect(bootstrap([5], 1)).toEqual({ mean: 5, low: -Infinity, high: Infinity, n: 1 });
	expect(bootstrap([1, 9], 1, [1, 3]).mean).toBe(2.5);
});

test('answers agree word for word, or share words in their order', () => {
	expect(isExact('Under the stone', 'under the stone.')).toBe(true);
	expect(isExact('Under a stone', 'under the stone.')).toBe(false);
	expect(rougeL('under the old stone', 'Under the stone.')).toBeCloseTo(6 / 7);
	expect(rougeL('', 'x')).toBe(0);
	expect(rougeL('stone the under', 'under the stone')).toBeCloseTo(1 / 3);
});
