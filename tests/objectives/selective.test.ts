/** @file Selective language modelling as token weights: by hand, and what rows without log-probabilities get. */
import { describe, expect, test } from 'vitest';
import { select } from '#objectives/selective.ts';
import { openObjective } from '#objectives/registry.ts';
import { pack } from '#training/data/pack.ts';

const guided = {
	tokens: [1, 2, 3, 4, 5],
	mask: [0, 0, 1, 1, 1],
	logprobs: [0, -20, -0.5, -10, -2.5],
};
const plain = { tokens: [1, 2, 3], mask: [0, 1, 1] };
const batchOf = (...samples: readonly (typeof guided | typeof plain)[]) =>
	pack(samples, { padToken: 0, multiple: 1 });

describe('the weights', () => {
	test('grow with the square of the surprise up to full, and have mean 1 over a row', () => {
		const { weights, normaliser } = select(batchOf(guided), 5);
		// 0.1 + 0.9 · (0.1², 1, 0.5²), divided by their mean; the prompt has none, however unlikely it was.
		const raw = [0.109, 1, 0.325];
		const mean = (0.109 + 1 + 0.325) / 3;
		expect(weights).toBeAllclose([0, ...raw.map((weight) => weight / mean)]);
		expect(normaliser).toBe(3);
	});

	test('of a row without log-probabilities are even, and those beside it are as they would be alone', () => {
		const { weights, normaliser } = select(batchOf(guided, plain), 5);
		expect(weights.slice(0, 4)).toBeAllclose(select(batchOf(guided), 5).weights);
		expect([...weights.slice(4)]).toEqual([1, 1, 0, 0]);
		expect(normaliser).toBe(5);
	});

	test('are even where all was equally likely', () => {
		const even = { ...guided, logprobs: [0, -1, -1, -1, -1] };
		expect(select(batchOf(even), 5).weights).toBeAllclose([0, 1, 1, 1]);
		const certain = { ...guided, logprobs: [0, 0, 0, 0, 0] };
		expect(select(batchOf(certain), 5).weights).toBeAllclose([0, 1, 1, 1]);
	});
});

test('a plan names it, with the surprise of full weight', async () => {
	const ask = {
		policy: () => Promise.reject(new Error()),
		reference: () => Promise.reject(new Error()),
	};
	const { weights } = await openObjective({ name: 'selective', surprise: 2 }).weigh(
		batchOf(guided),
		ask,
	);
	expect(weights).toBeAllclose(select(batchOf(guided), 2).weights);
});
