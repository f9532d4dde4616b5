/** @file Requests of runs: what a run is called if nobody names it. */
import { expect, test } from 'vitest';
import { newRecord } from '#runs/request.ts';

test('is named by its method, its environment and the knobs that were turned', () => {
	const nameOf = (knobs: Readonly<Record<string, number | boolean>>) =>
		newRecord(
			{ method: 'easy-to-hard', environment: 'addition', seed: 1, rounds: 1, knobs },
			'r',
			0,
		).name;
	expect(nameOf({})).toBe('Easy-to-hard self-training, addition');
	expect(nameOf({ agreement: false, rank: 16 })).toBe(
		'Easy-to-hard self-training, addition, filter off, rank 16',
	);
	expect(nameOf({ agreement: false, rank: 16, steps: 10, batch: 8, stride: 2 })).toMatch(
		/, 2 more$/,
	);
	// Turned to where it stands: nothing differs.
	expect(nameOf({ rank: 64 })).toBe('Easy-to-hard self-training, addition');
});
