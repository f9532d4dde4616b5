/** @file Learning on the kernel against PyTorch and layer by layer on ONNX: the same loss, gradients and log-probabilities. */
import { describe, expect, it } from 'vitest';
import { openNodeKernel } from '#kernel/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import type { TensorMap } from '#model/tensor.ts';
import { openKernelGradients, type KernelOptions } from '#training/kernel-gradients.ts';
import { familyNames, loadFamilyFixture } from '../fixtures/transformer/families.ts';
import { loadTransformerFixture, modelNames } from '../fixtures/transformer/load.ts';
import { builds } from '../kernel/builds.ts';

/** |a − b| / |b| over all values. */
function distance(a: Float32Array | undefined, b: Float32Array): number {
	let [difference, size] = [0, 0];
	b.forEach((v, i) => {
		difference += ((a?.[i] ?? NaN) - v) ** 2;
		size += v ** 2;
	});
	return Math.sqrt(difference / size);
}

const ways: readonly KernelOptions[] = [
	{},
	{ activations: 'recomputed' },
	{ headRows: 2, tokensPerRun: 8 },
];

describe.each(builds)('on the kernel, %s', (build) => {
	it.each(modelNames)(
		'gives the loss, gradients and log-probabilities of PyTorch: %s',
		async (name) => {
			const f = await loadTransformerFixture(name);
			const kernel = await openNodeKernel(2, build);
			for (const options of ways) {
				const { parameters, tensors } = f.adapter;
				const store = tensorStore(f.weights);
				const backend = await openKernelGradients(kernel, f.spec, store, parameters, options);
				const { loss, gradients } = await backend.gradients(tensors, f.batch);
				expect([loss / f.batch.normaliser]).toBeAllclose([f.lora.loss]);
				expect([...gradients.keys()]).toEqual([...tensors.keys()]);
				for (const [key, { data }] of f.lora.gradients) {
					const got = gradients.get(key)?.map((g) => g / f.batch.normaliser);
					expect(distance(got, data), key).toBeLessThan(1e-4);
				}
				const logprobs = await backend.logprobs(tensors, f.batch);
				expect(logprobs).toBeAllclose(f.lora.logprobs.data);
				await backend.dispose();
			}
			await kernel.dispose();
		},
	);

	it.each(familyNames)('gives the loss and gradients of PyTorch: %s', async (name) => {
		const f = await loadFamilyFixture(name);
		const { parameters, tensors } = f.adapter;
		const kernel = await openNodeKernel(1, build);
		const backend = await openKernelGradients(kernel, f.spec, tensorStore(f.weights), parameters);
		const { loss, gradients } = await backend.gradients(tensors, f.batch);
		expect([loss / f.batch.normaliser]).toBeAllclose([f.loss]);
		for (const [key, { data }] of f.gradients) {
			const got = gradients.get(key)?.map((g) => g / f.batch.normaliser);
			expect(distance(got, data), key).toBeLessThan(1e-4);
		}
		await backend.dispose();
		await kernel.dispose();
	});
});

describe('training the top layers only, on the kernel', () => {
	it('gives their gradients, zeros below, and the same bits with a cache of any size', async () => {
		const f = await loadTransformerFixture('smollm3-mixed');
		const { parameters, tensors } = f.adapter;
		const kernel = await openNodeKernel(1);
		const open = (options: KernelOptions) =>
			openKernelGradients(kernel, f.spec, tensorStore(f.weights), parameters, options);
		const all = await open({});
		const [top, narrow] = [
			await open({ topLayers: 1 }),
			await open({ topLayers: 1, cacheBytes: 600 }),
		];
		const whole = await all.gradients(tensors, f.batch);
		const first = await top.gradients(tensors, f.batch);
		expect(await top.gradients(tensors, f.batch)).toEqual(first);
		expect(first.loss).toBe(whole.loss);
		for (const [key, gradient] of first.gradients)
			if (key.startsWith('model.layers.0.')) expect(gradient.every((v) => v === 0)).toBe(true);
			else expect(gradient).toEqual(whole.gradients.get(key));
		for (const batch of [f.batch, ...f.trainingBatches, f.batch])
			expect(await narrow.gradients(tensors, batch)).toEqual(await top.gradients(tensors, batch));
		const changed: TensorMap = new Map(
			[...tensors].map(([name, t]) => [name, { ...t, data: t.data.map((v) => v * 1.5) }]),
		);
		const fresh = await open({ topLayers: 1 });
		expect(await top.gradients(changed, f.batch)).toEqual(await fresh.gradients(changed, f.batch));
		await kernel.dispose();
	});
});
