/** @file The KL penalty and on-policy distillation as token weights. */
import { describe, expect, test } from 'vitest';
import { distil } from '#objectives/distil.ts';
import { kl } from '#objectives/kl.ts';
import { addPenalties, type Objective } from '#objectives/objective.ts';
import { supervised } from '#objectives/supervised.ts';
import { pack, type SampleBatch } from '#training/data/pack.ts';
import { shifted, sumOver, tinyModel } from './slope.ts';

const batch = pack([{ tokens: [1, 2, 3], mask: [0, 1, 1] }], { padToken: 0, multiple: 1 });
const weigh = (objective: Objective, policy: readonly number[], reference: readonly number[]) =>
	objective.weigh(batch, {
		policy: () => Promise.resolve(Float32Array.from(policy)),
		reference: () => Promise.resolve(Float32Array.from(reference)),
	});

describe('the KL penalty', () => {
	test.each(['k1', 'k3'] as const)('%s pushes nowhere at the reference', async (estimator) => {
		const { weights, metrics } = await weigh(kl({ coefficient: 2, estimator }), [-1, -3], [-1, -3]);
		expect([...weights].map(Math.abs)).toEqual([0, 0]);
		expect(metrics).toEqual({ loss: 0, kl: 0 });
	});

	test('pulls up what the reference says more often, by its own estimator', async () => {
		const at = (estimator: 'k1' | 'k3') =>
			weigh(kl({ coefficient: 2, estimator }), [-2, -1], [-1, -1.5]);
		expect((await at('k1')).weights).toBeAllclose([2, -1]);
		expect((await at('k3')).weights).toBeAllclose([2 * (Math.E - 1), 2 * (Math.exp(-0.5) - 1)]);
		const expected = (Math.E - 2 + Math.exp(-0.5) + 0.5 - 1) / 2;
		expect([(await at('k3')).metrics['kl'] ?? NaN]).toBeAllclose([expected]);
	});

	test('the mean of k3 over what the policy says is the divergence', () => {
		const said = [
			{ p: 0.5, q: 0.2 },
			{ p: 0.3, q: 0.5 },
			{ p: 0.2, q: 0.3 },
		];
		const mean = (f: (d: number) => number) =>
			said.reduce((sum, { p, q }) => sum + p * f(Math.log(q / p)), 0);
		const divergence = mean((d) => -d);
		const k3 = mean((d) => Math.expm1(d) - d);
		expect([k3]).toBeAllclose([divergence]);
	});

	test.each(['k1', 'k3'] as const)(
		'%s adds its gradient to another objective’s, in a real model',
		async (estimator) => {
			const model = await tinyModel();
			const rows = model.pack([model.sample(0, 9, 3), model.sample(1, 6, 2)]);
			const reference = shifted(await model.logprobs(rows), 0.5);
			const loss = (p: Float32Array, { mask, ...rest }: SampleBatch) => {
				const at = { mask, ...rest };
				return (
					sumOver(at, (i) => {
						const d = (reference[i] ?? 0) - (p[i] ?? 0);
						return -(p[i] ?? 0) + 3 * (estimator === 'k3' ? Math.expm1(d) - d : (d * d) / 2);
					}) / 10
				);
			};
			const both = addPenalties(supervised, [kl({ coefficient: 3, estimator })]);
			const got = await model.slopes(rows, both, reference, loss);
			const now = loss(await model.logprobs(rows), rows);
			await model.dispose();
			expect(both.needs).toEqual(['reference']);
			expect([got.weighed.metrics['loss'] ?? NaN]).toBeAllclose([now], { relative: 1e-4 });
			expect([got.slope]).toBeAllclose([got.difference], { relative: 2e-2 });
		},
	);

	test('without a penalty an objective is itself', () => {
		expect(addPenalties(supervised, [])).toBe(supervised);
	});
});

describe('on-policy distillation', () => {
	test('pulls each sampled token to what the teacher says of it', async () => {
		const { weights, normaliser, metrics } = await weigh(distil, [-2, -1], [-1, -1.5]);
		expect(weights).toBeAllclose([1, -0.5]);
		expect(normaliser).toBe(2);
		expect([metrics['kl'] ?? NaN, metrics['loss'] ?? NaN]).toBeAllclose([-0.25, 0.3125]);
	});

	test('in expectation over sampled tokens is the gradient of the reverse KL', () => {
		// A softmax over three logits; the estimate is exact, since every token is summed over.
		const logits = [0.4, -0.2, 0.1];
		const teacher = [0.2, 0.5, 0.3];
		const softmax = (z: readonly number[]) => {
			const e = z.map(Math.exp);
			return e.map((x) => x / e.reduce((a, b) => a + b));
		};
		const divergence = (z: readonly number[]) =>
			softmax(z).reduce((sum, p, i) => sum + p * Math.log(p / (teacher[i] ?? 1)), 0);
		const p = softmax(logits);
		const gradient = logits.map((_, j) =>
			p.reduce((sum, px, x) => {
				const weight = Math.log(teacher[x] ?? 1) - Math.log(px);
				return sum - px * weight * (Number(x === j) - (p[j] ?? 0));
			}, 0),
		);
		const h = 1e-5;
		const slopes = logits.map((_, j) => {
			const at = (d: number) => divergence(logits.map((z, k) => (k === j ? z + d : z)));
			return (at(h) - at(-h)) / (2 * h);
		});
		expect(gradient).toBeAllclose(slopes, { relative: 1e-5 });
	});
});
