/** @file Policy gradients as token weights: clipping, averages, group advantages. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupAdvantages, policyGradient } from '#objectives/policy-gradient.ts';
import { pack, spread, type SampleBatch } from '#training/data/pack.ts';
import type { Sample } from '#training/data/sample.ts';
import { shifted, sumOver, tinyModel } from './slope.ts';

const clip = { ratio: 'clip', clipLow: 0.2, clipHigh: 0.3, average: 'tokens' } as const;

/** Weights of one sample of two learnt tokens, whose ratios are given. */
async function weightsAt(
	ratios: readonly [number, number],
	advantage: Sample['advantage'],
	options: Partial<Parameters<typeof policyGradient>[0]> = {},
) {
	const sample: Sample = {
		tokens: [1, 2, 3],
		mask: [0, 1, 1],
		logprobs: [0, -1, -2],
		...(advantage !== undefined && { advantage }),
	};
	const batch = pack([sample], { padToken: 0, multiple: 1 });
	const policy = Float32Array.of(-1 + Math.log(ratios[0]), -2 + Math.log(ratios[1]));
	return policyGradient({ ...clip, ...options }).weigh(batch, {
		policy: () => Promise.resolve(policy),
		reference: () => Promise.reject(new Error('not asked for')),
	});
}

describe('a policy gradient', () => {
	test('on the policy’s own answers is REINFORCE: the advantage on every learnt token', async () => {
		const { weights, normaliser, metrics } = await weightsAt([1, 1], 0.7);
		expect(weights).toBeAllclose([0.7, 0.7]);
		expect(normaliser).toBe(2);
		expect([metrics['loss'] ?? NaN, metrics['clipped'] ?? NaN]).toBeAllclose([-0.7, 0]);
		expect((await weightsAt([5, 0.1], 0.7, { ratio: 'none' })).weights).toBeAllclose([0.7, 0.7]);
		expect((await weightsAt([1, 1], [0, 2, -3])).weights).toBeAllclose([2, -3]);
	});

	test('stops at a ratio outside the clip in the direction of its advantage, and there only', async () => {
		const { weights, metrics } = await weightsAt([1.31, 0.5], 1);
		expect(weights).toBeAllclose([0, 0.5]);
		expect(metrics['clipped']).toBe(0.5);
		expect((await weightsAt([1.31, 0.79], -1)).weights).toBeAllclose([-1.31, 0]);
		expect((await weightsAt([1.29, 0.81], 1)).weights).toBeAllclose([1.29, 0.81]);
	});

	test('needs an advantage, and log-probabilities of the sampling unless it takes no ratio', async () => {
		await expect(weightsAt([1, 1], undefined)).rejects.toThrow('Row 0 has no advantage');
		const batch = pack([{ tokens: [1, 2], mask: [0, 1], advantage: 1 }], { padToken: 0 });
		const ask = {
			policy: () => Promise.resolve(new Float32Array(7).fill(-1)),
			reference: () => Promise.reject(new Error('not asked for')),
		};
		await expect(policyGradient(clip).weigh(batch, ask)).rejects.toThrow('no log-probabilities');
		const plain = await policyGradient({ ...clip, ratio: 'none' }).weigh(batch, ask);
		expect([...plain.weights]).toEqual([1, 0, 0, 0, 0, 0, 0]);
	});

	test.each(['tokens', 'answers', 'sums'] as const)(
		'falls in a real model as its weights say, averaged over %s',
		async (average) => {
			const model = await tinyModel();
			const plain = [model.sample(0, 9, 3), model.sample(1, 6, 4), model.sample(0, 7, 2)];
			const sampled = shifted(await model.logprobs(model.pack(plain)), 0.6);
			const width = model.pack(plain).length - 1;
			const batch = model.pack(
				plain.map((sample, row) => ({
					...sample,
					advantage: [1.3, -0.8, 0.4][row] ?? 0,
					logprobs: sample.tokens.map((_, t) => sampled[row * width + t - 1] ?? 0),
				})),
			);
			const learnt = (row: number) => sumOver(batch, (_, r) => Number(r === row));
			const loss = (p: Float32Array, rows: SampleBatch) => {
				const scale = { tokens: 1 / sumOver(rows, () => 1), answers: 1 / 3, sums: 1 / 3 }[average];
				const A = spread(rows, ({ advantage = 0 }) => advantage);
				return -sumOver(rows, (i, row) => {
					const r = Math.exp((p[i] ?? 0) - (sampled[i] ?? 0));
					const a = A[i] ?? 0;
					const term = Math.min(r * a, Math.min(Math.max(r, 0.8), 1.3) * a);
					return (scale * term) / (average === 'answers' ? learnt(row) : 1);
				});
			};
			const objective = policyGradient({ ...clip, average });
			const got = await model.slopes(batch, objective, sampled, loss);
			const now = loss(await model.logprobs(batch), batch);
			await model.dispose();
			expect(got.weighed.metrics['clipped']).toBeGreaterThan(0);
			expect([got.weighed.metrics['loss'] ?? NaN]).toBeAllclose([now], { relative: 1e-4 });
			expect([got.slope]).toBeAllclose([got.difference], { relative: 2e-2 });
		},
	);
});

describe('group advantages', () => {
	test('are rewards less their mean, by their deviation if asked', () => {
		expect(groupAdvantages([1, 0, 0, 1], { normalise: 'none' })).toEqual([0.5, -0.5, -0.5, 0.5]);
		const scale = 0.5 / (Math.sqrt(1 / 3) + 1e-4);
		const normalised = groupAdvantages([1, 0, 0, 1], { normalise: 'deviation' });
		expect(normalised.map((a) => a ?? NaN)).toBeAllclose([scale, -scale, -scale, scale]);
	});

	test('leave out what was not judged: it neither counts as 0 nor moves the others', () => {
		expect(groupAdvantages([1, null, 0], { normalise: 'none' })).toEqual([0.5, null, -0.5]);
		expect(groupAdvantages([null, null], { normalise: 'deviation' })).toEqual([null, null]);
		expect(groupAdvantages([0.3, null], { normalise: 'deviation' })).toEqual([0, null]);
	});

	test('of equal rewards are exactly 0; otherwise they add up to 0 and keep the order', () => {
		const reward = fc.double({ min: 0, max: 1, noNaN: true });
		fc.assert(
			fc.property(reward, fc.integer({ min: 1, max: 9 }), (r, n) => {
				for (const normalise of ['deviation', 'none'] as const)
					expect(groupAdvantages(Array<number>(n).fill(r), { normalise })).toEqual(
						Array<number>(n).fill(0),
					);
			}),
		);
		fc.assert(
			fc.property(fc.array(reward, { minLength: 2, maxLength: 8 }), (rewards) => {
				const advantages = groupAdvantages(rewards, { normalise: 'none' }).map((a) => a ?? NaN);
				expect(Math.abs(advantages.reduce((a, b) => a + b, 0))).toBeLessThan(1e-9);
				rewards.forEach((r, i) => {
					if (r > (rewards[0] ?? 0))
						expect(advantages[i]).toBeGreaterThanOrEqual(advantages[0] ?? 0);
				});
			}),
		);
	});
});
