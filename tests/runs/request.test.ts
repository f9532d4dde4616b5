/** @file Requests of runs: what a run is called if nobody names it, and what a model cannot learn. */
import { expect, test } from 'vitest';
import { assertCanLearn, newRecord } from '#runs/request.ts';

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

test('a model that learns an adapter alone refuses every weight before the run has begun', () => {
	const layered = { name: 'm', learns: 'lora' } as const;
	const asked = (method: string, knobs = {}) => ({ method, environment: 'questions', knobs });
	expect(() => assertCanLearn(asked('lmsi'), layered)).toThrow('set trains to lora');
	expect(() => assertCanLearn(asked('lmsi', { trains: 'lora' }), layered)).not.toThrow();
	expect(() => assertCanLearn(asked('lmsi-english'), layered)).not.toThrow();
	// Trains nothing.
	expect(() => assertCanLearn(asked('memory-alone'), layered)).not.toThrow();
	expect(() => assertCanLearn(asked('lmsi'), { name: 'm' })).not.toThrow();
});
