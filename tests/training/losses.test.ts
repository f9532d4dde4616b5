/** @file Batches and the losses expressed as token weights. */
import { describe, expect, test } from 'vitest';
import {
	countTokens,
	padBatch,
	padTokens,
	splitBatch,
	splitByLength,
	weightedLengths,
} from '#training/data/pack.ts';
import { dpo, rowLogprobs } from '#objectives/dpo.ts';
import { supervised, supervisedRow } from '#objectives/supervised.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';

const options = { padToken: 9 };

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

	test('has no weight on padding and counts what has', () => {
		const batch = padBatch([{ tokens: [1, 2, 3], weights: [0, -2] }], options);
		expect([...batch.weights]).toEqual([0, -2, 0, 0, 0, 0, 0]);
		expect([batch.normaliser, countTokens(batch)]).toEqual([1, 1]);
	});

	test('of no rows, or of a row with weights that do not fit, is refused', () => {
		expect(() => padTokens([], options)).toThrow('A batch needs at least one row.');
		expect(() => padBatch([{ tokens: [1, 2], weights: [1, 1] }], options)).toThrow(
			'Row 0 has 2 weights for 2 tokens; it needs one less than tokens.',
		);
	});

	test('is cut into pieces that together are the batch', () => {
		const rows = [1, 2, 3, 4, 5].map((n) => ({ tokens: [n, n, n], weights: [0, n] }));
		const batch = padBatch(rows, { ...options, normaliser: 10 });
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
		const batch = padBatch(mixed, options);
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
		expect(splitByLength(padBatch([row(24, 4), row(24, 9)], options))).toHaveLength(1);
	});
});

describe('the supervised loss', () => {
	test('weighs the completion and nothing before it', () => {
		const row = supervisedRow({ prompt: [1, 2, 3], completion: [4, 5] });
		expect(row).toEqual({ tokens: [1, 2, 3, 4, 5], weights: [0, 0, 1, 1] });
		expect(supervisedRow({ prompt: [1], completion: [2, 3], weight: 0.5 }).weights).toEqual([
			0.5, 0.5,
		]);
	});

	test('is the mean of −log p over the completion tokens', async () => {
		const { spec, weights, batch: sample } = await loadTransformerFixture('smollm3-mixed');
		const row = (b: number, length: number) => [
			...sample.tokens.slice(b * sample.length, b * sample.length + length),
		];
		const pairs = [
			{ prompt: row(0, 9).slice(0, 3), completion: row(0, 9).slice(3) },
			{ prompt: row(1, 6).slice(0, 2), completion: row(1, 6).slice(2) },
		];
		const batch = supervised(pairs, { padToken: 0 });
		expect(batch.normaliser).toBe(10);
		const backend = await tfjsGradients({ backend: 'cpu' })(spec, weights, { kind: 'full' });
		const logprobs = await backend.logprobs(weights, batch);
		const { loss } = await backend.gradients(weights, batch);
		await backend.dispose();
		const width = batch.length - 1;
		const targets = [...logprobs.slice(2, 8), ...logprobs.slice(width + 1, width + 5)];
		expect([loss / batch.normaliser]).toBeAllclose([-targets.reduce((a, b) => a + b) / 10]);
	});

	test('needs something to learn and a token before it', () => {
		expect(() => supervisedRow({ prompt: [], completion: [1, 2] })).toThrow('a prompt token');
		expect(() => supervisedRow({ prompt: [1], completion: [] })).toThrow('something to learn');
	});
});

describe('the DPO loss', () => {
	/** One pair of two-token completions; the numbers are the log-probabilities. */
	const pair = (chosen: number, rejected: number) => {
		const batch = padBatch(
			[
				{ tokens: [1, 2, 3], weights: [0, 1] },
				{ tokens: [1, 4, 5], weights: [0, 1] },
			],
			{ ...options, multiple: 1 },
		);
		return { batch, logprobs: Float32Array.of(-9, chosen, -9, rejected) };
	};

	test('is log 2 where policy and reference agree, and pushes both rows alike', () => {
		const { batch, logprobs } = pair(-1, -2);
		const result = dpo(batch, logprobs, logprobs, { beta: 0.1 });
		expect(result.loss).toBeCloseTo(Math.LN2, 12);
		expect(result.batch.weights).toBeAllclose([0, 0.05, 0, -0.05]);
		expect([result.batch.normaliser, result.accuracy]).toEqual([1, 0]);
	});

	test.each([0, 0.2])('has the slope its weights say (label smoothing %d)', (labelSmoothing) => {
		const beta = 0.7;
		const reference = pair(-1.5, -1.2).logprobs;
		const loss = (chosen: number, rejected: number) => {
			const { batch, logprobs } = pair(chosen, rejected);
			return dpo(batch, logprobs, reference, { beta, labelSmoothing });
		};
		const { weights } = loss(-1, -2).batch;
		const h = 1 / 1024; // exact in F32
		const slope = (f: (d: number) => number) => (f(h) - f(-h)) / (2 * h);
		expect([
			-slope((d) => loss(-1 + d, -2).loss),
			-slope((d) => loss(-1, -2 + d).loss),
		]).toBeAllclose([weights[1] ?? NaN, weights[3] ?? NaN], { relative: 1e-4 });
	});

	test('stays finite however far the policy has gone', () => {
		const { batch, logprobs } = pair(-1000, -1);
		const result = dpo(batch, logprobs, pair(-1, -1000).logprobs, { beta: 1 });
		expect(result.loss).toBeCloseTo(1998, 6);
		expect(result.batch.weights).toBeAllclose([0, 1, 0, -1]);
		const won = dpo(batch, pair(-1, -1000).logprobs, logprobs, { beta: 1 });
		expect([won.loss, won.accuracy]).toEqual([0, 1]);
	});

	test('ignores what padding holds, and refuses rows without a partner', () => {
		const { batch } = pair(-1, -2);
		const infinite = Float32Array.of(-Infinity, -1, NaN, -2);
		expect(rowLogprobs(batch, infinite)).toEqual([-1, -2]);
		const [single] = splitBatch(batch, 1);
		if (!single) throw new Error('Two rows make two pieces.');
		expect(() => dpo(single, infinite, infinite, { beta: 1 })).toThrow('got 1 rows');
		expect(() => dpo(batch, infinite.slice(1), infinite, { beta: 1 })).toThrow(
			'Got 3 log-probabilities for 4.',
		);
	});
});
