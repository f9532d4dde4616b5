/** @file The supervised loss as token weights. */
import { expect, test } from 'vitest';
import { supervise, supervised } from '#objectives/supervised.ts';
import { continuationOf } from '#training/data/sample.ts';
import { pack } from '#training/data/pack.ts';
import { sumOver, tinyModel } from './slope.ts';

const options = { padToken: 9 };

test('weighs what is learnt by 1, or by the sample’s own weight, and divides by its tokens', () => {
	const plain = continuationOf([1, 2, 3], [4, 5]);
	const batch = pack([plain, { ...continuationOf([1], [2, 3]), weight: 0.5 }], options);
	const { weights, normaliser } = supervise(batch);
	expect([...weights.subarray(0, 7)]).toEqual([0, 0, 1, 1, 0, 0, 0]);
	expect([...weights.subarray(7)]).toEqual([0.5, 0.5, 0, 0, 0, 0, 0]);
	expect(normaliser).toBe(4);
});

test('is the mean of −log p over the completion tokens, and so is its slope', async () => {
	const model = await tinyModel();
	const batch = model.pack([model.sample(0, 9, 3), model.sample(1, 6, 2)]);
	const logprobs = await model.logprobs(batch);
	const mean = (p: Float32Array) => -sumOver(batch, (i) => p[i] ?? NaN) / 10;
	const { weighed, slope, difference } = await model.slopes(batch, supervised, logprobs, mean);
	await model.dispose();
	expect(weighed.normaliser).toBe(10);
	const width = batch.length - 1;
	const targets = [...logprobs.slice(2, 8), ...logprobs.slice(width + 1, width + 5)];
	expect([mean(logprobs)]).toBeAllclose([-targets.reduce((a, b) => a + b) / 10]);
	expect([slope]).toBeAllclose([difference], { relative: 1e-2 });
});
