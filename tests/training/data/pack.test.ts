/** @file Batches: padding, masks, pieces that together are the batch. */
import { describe, expect, test } from 'vitest';
import {
	countTokens,
	pack,
	padTokens,
	splitBatch,
	splitByLength,
	spread,
	weightedLengths,
} from '#training/data/pack.ts';
import { continuationOf } from '#training/data/sample.ts';
import type { WeightedBatch } from '#training/trainer.ts';

const options = { padToken: 9 };

/** Rows with the weights of their tokens but the first. */
function weighted(
	rows: readonly { readonly tokens: readonly number[]; readonly weights: readonly number[] }[],
	normaliser?: number,
): WeightedBatch {
	const mask = (weights: readonly number[]) => [0, ...weights];
	const samples = rows.map(({ tokens, weights }) => ({ tokens, mask: mask(weights) }));
	const batch = pack(samples, options);
	const count = countTokens({ weights: batch.mask });
	return { ...batch, weights: batch.mask, normaliser: normaliser ?? count };
}

describe('a batch', () => {
	test('is padded on the right to a multiple of eight', () => {
		const batch = padTokens([[1, 2, 3], Array.from({ length: 9 }, () => 5)], options);
		expect([batch.batch, batch.length]).toEqual([2, 16]);
		expect([...batch.tokens.slice(0, 16)]).toEqual([
			1,
			2,
			3,
			...Array.from({ length: 13 }, () => 9),
		]);
		expect([...batch.tokens.slice(16, 26)]).toEqual([...Array.from({ length: 9 }, () => 5), 9]);
	});

	test('may use another multiple and never falls below a minimum', () => {
		expect(padTokens([[1, 2, 3]], { ...options, multiple: 1 }).length).toBe(3);
		expect(padTokens([[1, 2, 3]], { ...options, minimum: 17 }).length).toBe(24);
	});

	test('has a mask of 0 on padding, and values of a sample or of each of its tokens', () => {
		const batch = pack([{ tokens: [1, 2, 3], mask: [1, 0, 1] }], options);
		// Entry t belongs to token t + 1; the first token is never learnt.
		expect([...batch.mask]).toEqual([0, 1, 0, 0, 0, 0, 0]);
		expect(countTokens({ weights: batch.mask })).toBe(1);
		expect([...spread(batch, () => -2)]).toEqual([-2, -2, 0, 0, 0, 0, 0]);
		expect([...spread(batch, () => [5, 6, 7])]).toEqual([6, 7, 0, 0, 0, 0, 0]);
	});

	test('of no rows, or of a row with a mask that does not fit, is refused', () => {
		expect(() => padTokens([], options)).toThrow('A batch needs at least one row.');
		expect(() => pack([{ tokens: [1, 2], mask: [1] }], options)).toThrow(
			'Row 0 has 1 values for 2 tokens; it needs one for each.',
		);
	});

	test('is cut into pieces that together are the batch', () => {
		const rows = [1, 2, 3, 4, 5].map((n) => ({ tokens: [n, n, n], weights: [0, n] }));
		const batch = weighted(rows, 10);
		const pieces = splitBatch(batch, 2);
		expect(pieces.map((p) => [p.batch, p.normaliser])).toEqual([
			[2, 4],
			[2, 4],
			[1, 2],
		]);
		expect(pieces.flatMap((p) => [...p.tokens])).toEqual([...batch.tokens]);
		expect(pieces.flatMap((p) => [...p.weights])).toEqual([...batch.weights]);
		expect(() => splitBatch(batch, 0)).toThrow('A micro-batch needs at least one row, got 0.');
	});

	test('splits short from long where that saves padding, and loses no row and no token', () => {
		const row = (length: number, weighted: number) => ({
			tokens: Array.from({ length }, () => length),
			weights: Array.from({ length: length - 1 }, (_, i) => Number(i >= length - 1 - weighted)),
		});
		const mixed = [row(60, 20), row(16, 8), row(60, 20), row(16, 8)];
		const batch = weighted(mixed);
		expect(weightedLengths(batch)).toEqual([60, 16, 60, 16]);
		const pieces = splitByLength(batch);
		expect(pieces.map((p) => [p.batch, p.length])).toEqual([
			[2, 16],
			[2, 64],
		]);
		expect(pieces.map((p) => countTokens(p))).toEqual([16, 40]);
		expect(pieces.reduce((sum, p) => sum + p.normaliser, 0)).toBe(batch.normaliser);
		expect(pieces.map((p) => p.tokens[0])).toEqual([16, 60]);
		// Rows of one length stay together.
		expect(splitByLength(weighted([row(24, 4), row(24, 9)]))).toHaveLength(1);
	});
});

describe('a prompt and what follows it', () => {
	test('learns the completion and nothing before it', () => {
		expect(continuationOf([1, 2, 3], [4, 5])).toEqual({
			tokens: [1, 2, 3, 4, 5],
			mask: [0, 0, 0, 1, 1],
		});
	});

	test('needs something to learn and a token before it', () => {
		expect(() => continuationOf([], [1, 2])).toThrow('a prompt token');
		expect(() => continuationOf([1], [])).toThrow('something to learn');
	});
});
