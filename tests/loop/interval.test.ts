/** @file Wilson's interval against published values. */
import { expect, test } from 'vitest';
import { wilson } from '#loop/interval.ts';

test.each([
	// SciPy 1.17.1: binomtest(k, n).proportion_ci(method='wilson')
	[8, 10, 0.490162, 0.943318],
	[0, 10, 0, 0.277533],
	[10, 10, 0.722467, 1],
	[185, 200, 0.879956, 0.954025],
])('%i of %i lies between %f and %f', (correct, n, low, high) => {
	expect(wilson(correct, n, 1.959964)).toBeAllclose([low, high], { absolute: 1e-5 });
});

test('knows nothing of nothing', () => {
	expect(wilson(0, 0)).toEqual([0, 1]);
});

test('narrows with n and always holds the share', () => {
	let width = 1;
	for (const n of [10, 100, 1000]) {
		const [low, high] = wilson(0.3 * n, n);
		expect(low).toBeLessThan(0.3);
		expect(high).toBeGreaterThan(0.3);
		expect(high - low).toBeLessThan(width);
		width = high - low;
	}
});
