/** @file Learning on the kernel in real Chromium, relaxed instructions and threads: PyTorch's gradients, and an abort that is felt. */
import { afterAll, expect, test } from 'vitest';
import { openBrowserKernel } from '#kernel/browser.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { openKernelGradients } from '#training/kernel/kernel-gradients.ts';
import { loadTransformerFixture, modelNames } from '../fixtures/transformer/load.ts';
import { randomModel } from '../model/packing/random-blocks.ts';
import { distance, randomAdapter, randomBatch, wide } from '../training/kernel/kernel-cases.ts';

const kernel = await openBrowserKernel(2);
afterAll(() => kernel.dispose());

test.each(modelNames)('gives the loss and gradients of PyTorch: %s', async (name) => {
	const f = await loadTransformerFixture(name);
	const { parameters, tensors } = f.adapter;
	const backend = await openKernelGradients(kernel, f.spec, tensorStore(f.weights), parameters);
	const { loss, gradients } = await backend.gradients(tensors, f.batch);
	expect([loss / f.batch.normaliser]).toBeAllclose([f.lora.loss]);
	for (const [key, { data }] of f.lora.gradients) {
		const got = gradients.get(key)?.map((g) => g / f.batch.normaliser);
		expect(distance(got, data), key).toBeLessThan(1e-4);
	}
	await backend.dispose();
});

test('hears an abort while it works', async () => {
	const { parameters, tensors } = randomAdapter(wide, 8);
	const { store } = randomModel(wide, 'Q4_1');
	const backend = await openKernelGradients(kernel, wide, store, parameters);
	const batch = randomBatch(wide, 4, 200);
	const stop = new AbortController();
	const { port1, port2 } = new MessageChannel();
	port1.onmessage = () => {
		stop.abort();
	};
	const running = backend.gradients(tensors, batch, stop.signal);
	port2.postMessage(null);
	await expect(running).rejects.toThrow(/abort/);
	port1.close();
	await backend.dispose();
});
