/** @file The DPO loss as token weights. */
import { describe, expect, test } from 'vitest';
import { dpo, rowLogprobs, weighPairs } from '#objectives/dpo.ts';
import { pack, type SampleBatch } from '#training/data/pack.ts';
import { shifted, sumOver, tinyModel } from './slope.ts';

const options = { padToken: 9, multiple: 1 };

/** One pair of two-token completions; the numbers are the log-probabilities. */
const pair = (chosen: number, rejected: number) => {
	const batch = pack(
		[
			{ tokens: [1, 2, 3], mask: [0, 0, 1], pair: 'chosen' },
			{ tokens: [1, 4, 5], mask: [0, 0, 1], pair: 'rejected' },
		],
		options,
	);
	return { batch, logprobs: Float32Array.of(-9, chosen, -9, rejected) };
};

describe('the DPO loss', () => {
	test('is log 2 where policy and reference agree, and pushes both rows alike', () => {
		const { batch, logprobs } = pair(-1, -2);
		const result = weighPairs(batch, logprobs, logprobs, { beta: 0.1 });
		expect(result.metrics.loss).toBeCloseTo(Math.LN2, 12);
		expect(result.weights).toBeAllclose([0, 0.05, 0, -0.05]);
		expect([result.normaliser, result.metrics.accuracy]).toEqual([1, 0]);
		expect(result.margins).toEqual([0]);
	});

	test.each([0, 0.2])('has the slope its weights say (label smoothing %d)', (labelSmoothing) => {
		const beta = 0.7;
		const reference = pair(-1.5, -1.2).logprobs;
		const at = (chosen: number, rejected: number) => {
			const { batch, logprobs } = pair(chosen, rejected);
			return weighPairs(batch, logprobs, reference, { beta, labelSmoothing });
		};
		const { weights } = at(-1, -2);
		const h = 1 / 1024; // exact in F32
		const slope = (f: (d: number) => number) => (f(h) - f(-h)) / (2 * h);
		expect([
			-slope((d) => at(-1 + d, -2).metrics.loss),
			-slope((d) => at(-1, -2 + d).metrics.loss),
		]).toBeAllclose([weights[1] ?? NaN, weights[3] ?? NaN], { relative: 1e-4 });
	});

	test('falls in a real model as its weights say', async () => {
		const model = await tinyModel();
		const side = (row: number, pair: 'chosen' | 'rejected') => ({
			...model.sample(row, 8, 4),
			pair,
		});
		const batch = model.pack([side(0, 'chosen'), side(1, 'rejected')]);
		const reference = shifted(await model.logprobs(batch), 0.3);
		const beta = 0.8;
		const loss = (p: Float32Array, rows: SampleBatch) => {
			const margin =
				beta *
				sumOver(rows, (i, row) => (row === 0 ? 1 : -1) * ((p[i] ?? 0) - (reference[i] ?? 0)));
			return Math.log1p(Math.exp(-margin));
		};
		const got = await model.slopes(batch, dpo({ beta }), reference, loss);
		const now = loss(await model.logprobs(batch), batch);
		await model.dispose();
		expect([got.weighed.metrics['loss'] ?? NaN]).toBeAllclose([now], { relative: 1e-5 });
		expect([got.slope]).toBeAllclose([got.difference], { relative: 1e-2 });
	});

	test('with likelihood (RPO) falls in a real model as its weights say, a text in no pair among its rows', async () => {
		const model = await tinyModel();
		const text = model.sample(2, 8, 3);
		const chosen = { ...model.sample(0, 8, 4), pair: 'chosen' as const };
		const batch = model.pack([text, chosen, { ...model.sample(1, 7, 4), pair: 'rejected' }]);
		const reference = shifted(await model.logprobs(batch), 0.3);
		const [beta, likelihood] = [0.8, 0.5];
		const loss = (p: Float32Array, rows: SampleBatch) => {
			const sides = [0, 1, -1];
			const margin =
				beta * sumOver(rows, (i, row) => (sides[row] ?? 0) * ((p[i] ?? 0) - (reference[i] ?? 0)));
			// Five tokens of the text and four of what is chosen.
			const told = sumOver(rows, (i, row) => (row < 2 ? -(p[i] ?? 0) : 0)) / 9;
			return Math.log1p(Math.exp(-margin)) + likelihood * told;
		};
		const got = await model.slopes(batch, dpo({ beta, likelihood }), reference, loss);
		const now = loss(await model.logprobs(batch), batch);
		await model.dispose();
		expect([got.weighed.metrics['loss'] ?? NaN]).toBeAllclose([now], { relative: 1e-5 });
		expect([got.slope]).toBeAllclose([got.difference], { relative: 1e-2 });
	});

	test('with likelihood, a batch without any pair is learnt as under supervision; without, it is refused', () => {
		const { batch, logprobs } = pair(-1, -3);
		const samples = batch.samples.map(({ tokens, mask }) => ({ tokens, mask }));
		const texts = pack(samples, options);
		const { weights, normaliser, metrics } = weighPairs(texts, logprobs, logprobs, {
			...{ beta: 1, likelihood: 1 },
		});
		expect(weights).toBeAllclose([0, 0.5, 0, 0.5]);
		expect([normaliser, metrics.loss, metrics.accuracy]).toEqual([1, 2, 0]);
		expect(() => weighPairs(texts, logprobs, logprobs, { beta: 1 })).toThrow('row 0 is neither');
	});

	test('stays finite however far the policy has gone', () => {
		const { batch, logprobs } = pair(-1000, -1);
		const result = weighPairs(batch, logprobs, pair(-1, -1000).logprobs, { beta: 1 });
		expect(result.metrics.loss).toBeCloseTo(1998, 6);
		expect(result.weights).toBeAllclose([0, 1, 0, -1]);
		const { metrics } = weighPairs(batch, pair(-1, -1000).logprobs, logprobs, { beta: 1 });
		expect([metrics.loss, metrics.accuracy]).toEqual([0, 1]);
	});

	test('ignores what padding holds, and refuses rows without a partner', () => {
		const { batch } = pair(-1, -2);
		const infinite = Float32Array.of(-Infinity, -1, NaN, -2);
		expect(rowLogprobs(batch, infinite)).toEqual([-1, -2]);
		const single = pack(batch.samples.slice(0, 1), options);
		expect(() => weighPairs(single, infinite, infinite, { beta: 1 })).toThrow('got 1 rows');
		const turned = pack([...batch.samples].reverse(), options);
		expect(() => weighPairs(turned, infinite, infinite, { beta: 1 })).toThrow('row 0 is rejected');
		expect(() => weighPairs(batch, infinite.slice(1), infinite, { beta: 1 })).toThrow(
			'Got 3 log-probabilities for 4.',
		);
	});
});
