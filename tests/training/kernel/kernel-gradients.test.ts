/** @file Learning on the kernel against PyTorch and layer by layer on ONNX: the same loss, gradients and log-probabilities. */
import { describe, expect, it, vi } from 'vitest';
import { openNodeKernel } from '#kernel/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import type { TensorMap } from '#model/tensor.ts';
import { openKernelGradients, type KernelOptions } from '#training/kernel/kernel-gradients.ts';
import { familyNames, loadFamilyFixture } from '../../fixtures/transformer/families.ts';
import { loadTransformerFixture, modelNames } from '../../fixtures/transformer/load.ts';
import { builds } from '../../kernel/builds.ts';
import { randomModel } from '../../model/packing/random-blocks.ts';
import { distance, randomAdapter, randomBatch, wide } from './kernel-cases.ts';

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

describe('the kernel as a back end', () => {
	it('gives back all memory it took, and takes no more in later steps', async () => {
		const f = await loadTransformerFixture('llama-gqa');
		const kernel = await openNodeKernel(1);
		const before = kernel.heap.held();
		const { parameters, tensors } = f.adapter;
		const open = () => openKernelGradients(kernel, f.spec, tensorStore(f.weights), parameters);
		const backend = await open();
		await backend.gradients(tensors, f.batch);
		const running = kernel.heap.held();
		await backend.gradients(tensors, f.batch);
		expect(kernel.heap.held()).toBe(running);
		await backend.dispose();
		expect(kernel.heap.held()).toBe(before);
		const without = new Map([...f.weights].filter(([name]) => !name.endsWith('norm.weight')));
		await expect(
			openKernelGradients(kernel, f.spec, tensorStore(without), parameters),
		).rejects.toThrow(/no model.layers.0.input_layernorm.weight; use one that matches/);
		expect(kernel.heap.held()).toBe(before);
		await kernel.dispose();
	});

	it('takes nothing where memory runs out, and goes on with what fits', async () => {
		const f = await loadTransformerFixture('llama-gqa');
		const { parameters, tensors } = f.adapter;
		const store = tensorStore(f.weights);
		/** 64 pages of 64 KB. */
		const kernel = await openNodeKernel(1, 'plain', { maximum: 64 });
		const before = kernel.heap.held();
		const backend = await openKernelGradients(kernel, f.spec, store, parameters);
		const opened = kernel.heap.held();
		const length = 4000;
		const tokens = new Int32Array(length).fill(3);
		const weights = new Float32Array(length - 1).fill(1);
		const long = { batch: 1, length, tokens, weights, normaliser: 1 };
		await expect(backend.gradients(tensors, long)).rejects.toThrow(/not enough memory/);
		expect(kernel.heap.held()).toBe(opened);
		const { loss } = await backend.gradients(tensors, f.batch);
		expect([loss / f.batch.normaliser]).toBeAllclose([f.lora.loss]);
		await backend.dispose();
		expect(kernel.heap.held()).toBe(before);
		const { store: large } = randomModel({ ...wide, vocabularySize: 20_000 }, 'F32');
		await expect(
			openKernelGradients(kernel, { ...wide, vocabularySize: 20_000 }, large, parameters),
		).rejects.toThrow(/not enough memory/);
		expect(kernel.heap.held()).toBe(before);
		await kernel.dispose();
	});

	it('runs layers again of which nothing but the input can be kept', async () => {
		const batch = randomBatch(wide, 2, 40);
		const { parameters, tensors } = randomAdapter(wide, 8);
		const { store } = randomModel(wide, 'Q8_0');
		const kernel = await openNodeKernel(1);
		const open = (options: KernelOptions) =>
			openKernelGradients(kernel, wide, store, parameters, options);
		const right = await (await open({ activations: 'recomputed' })).gradients(tensors, batch);
		const backend = await open({ activations: 'kept' });
		// The largest arrays are of the inner width, two of a layer: the first of one layer, the second of the next.
		let [refused, made] = [0, 0];
		const scarce = new Proxy(Float32Array, {
			construct: (real, given: readonly unknown[]) => {
				const [size] = given;
				if (typeof size === 'number' && size > 20 * wide.intermediateSize && ++made % 2 === 1) {
					refused++;
					throw new RangeError('Array buffer allocation failed');
				}
				return Reflect.construct(real, given) as Float32Array;
			},
		});
		vi.stubGlobal('Float32Array', scarce);
		const got = await backend.gradients(tensors, batch).finally(() => vi.unstubAllGlobals());
		expect(refused).toBe(2);
		expect(got).toEqual(right);
		await kernel.dispose();
	});

	it('stops between two layers when it is told to, and is as good as before', async () => {
		const batch = randomBatch(wide, 2, 40);
		const { parameters, tensors } = randomAdapter(wide, 8);
		const kernel = await openNodeKernel(2);
		let jobs = 0;
		let stopAt = Infinity;
		const stop = new AbortController();
		const counted = {
			...kernel,
			run: (job: number) => {
				if (++jobs === stopAt) stop.abort();
				kernel.run(job);
			},
		};
		const { store } = randomModel(wide, 'Q8_0');
		const backend = await openKernelGradients(counted, wide, store, parameters);
		const right = await backend.gradients(tensors, batch);
		const all = jobs;
		jobs = 0;
		stopAt = 3;
		await expect(backend.gradients(tensors, batch, stop.signal)).rejects.toThrow(/abort/);
		expect(jobs).toBe(3);
		expect(all).toBeGreaterThan(3);
		expect(await backend.gradients(tensors, batch)).toEqual(right);
		await kernel.dispose();
	});

	it('refuses what it cannot train, with a sentence', async () => {
		const f = await loadTransformerFixture('llama-gqa');
		const kernel = await openNodeKernel(1);
		const store = tensorStore(f.weights);
		const lora = f.adapter.parameters;
		await expect(openKernelGradients(kernel, f.spec, store, { kind: 'full' })).rejects.toThrow(
			/only a LoRA can be trained; choose one/,
		);
		for (const topLayers of [0, 3, 1.5, NaN])
			await expect(openKernelGradients(kernel, f.spec, store, lora, { topLayers })).rejects.toThrow(
				/whole number from 1 to 2/,
			);
		const wrong = { ...f.spec, intermediateSize: f.spec.intermediateSize + 1 };
		await expect(openKernelGradients(kernel, wrong, store, lora)).rejects.toThrow(
			/gate_proj.weight is \[24, 16\], not \[25, 16\]; use a checkpoint that matches/,
		);
		const backend = await openKernelGradients(kernel, f.spec, store, lora);
		for (const id of [32, -1, 2 ** 31 - 1])
			for (const at of [0, 1]) {
				const tokens = f.batch.tokens.slice().fill(id, at, at + 1);
				await expect(backend.gradients(f.adapter.tensors, { ...f.batch, tokens })).rejects.toThrow(
					`Token ${id} is not among the model's 32`,
				);
			}
		const last = f.batch.tokens.slice();
		last[f.batch.length - 1] = 99;
		await expect(backend.logprobs(f.adapter.tensors, { ...f.batch, tokens: last })).rejects.toThrow(
			/Token 99 is not among/,
		);
		await kernel.dispose();
	});
});
