/** @file Learning on the kernel on weights of every stored form, however the work is cut, against layer by layer on ONNX. */
import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { startKernel } from '#kernel/kernel.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { openKernelGradients, type KernelOptions } from '#training/kernel/kernel-gradients.ts';
import { openLayeredGradients } from '#training/layered/layered-gradients.ts';
import { builds } from '../../kernel/builds.ts';
import { randomModel } from '../../model/packing/random-blocks.ts';
import { distance, randomAdapter, randomBatch, wide } from './kernel-cases.ts';

const runtime = openNodeRuntime(1);
afterAll(() => runtime.dispose());

/** The same values as BF16, which is the upper half of F32. */
function asBF16(tensors: TensorMap): { readonly store: WeightStore; readonly values: TensorMap } {
	const values = new Map(
		[...tensors].map(([name, { shape, data }]) => {
			const bits = new Uint32Array(data.slice().buffer).map((word) => word & 0xffff0000);
			return [name, { shape, data: new Float32Array(bits.buffer) }];
		}),
	);
	const plain = tensorStore(values);
	const matrix = (name: string): boolean => values.get(name)?.shape.length === 2;
	return {
		values,
		store: {
			...plain,
			stored: new Map(
				[...plain.stored].map(([name, weight]) => [
					name,
					matrix(name) ? { ...weight, form: 'BF16' } : weight,
				]),
			),
			raw: async (name) => {
				const words = new Uint16Array((values.get(name)?.data ?? new Float32Array()).buffer);
				const upper = words.filter((_, i) => i % 2 === 1);
				return new Uint8Array(upper.buffer);
			},
		},
	};
}

describe('weights in every stored form, on the kernel', () => {
	const batch = randomBatch(wide, 3, 23);
	const { parameters, tensors } = randomAdapter(wide, 12);
	/** All are held as they are stored. */
	const expectSame = async (store: WeightStore, exact: WeightStore) => {
		const onnx = await openLayeredGradients(runtime, wide, exact, parameters);
		const right = await onnx.gradients(tensors, batch);
		await onnx.dispose();
		for (const build of builds) {
			const kernel = await openNodeKernel(2, build);
			const backend = await openKernelGradients(kernel, wide, store, parameters);
			const { loss, gradients } = await backend.gradients(tensors, batch);
			expect(Math.abs(loss / right.loss - 1)).toBeLessThan(1e-4);
			for (const [name, gradient] of right.gradients)
				expect(distance(gradients.get(name), gradient), name).toBeLessThan(1e-4);
			await kernel.dispose();
		}
	};

	/** With scales so that weights are of about 0.05. */
	it.each([
		['F32', 0.05],
		['F16', 0.05],
		['Q8_0', 7e-4],
		['Q4_0', 0.01],
		['Q4_1', 0.01],
		['Q5_0', 5e-3],
		['Q5_1', 2.5e-3],
		['Q4_K', 2e-4],
		['Q6_K', 4e-5],
	] as const)('gives the gradients of F32: %s', async (form, size) => {
		const { store, tensors: values } = randomModel(wide, form, size);
		await expectSame(store, tensorStore(values));
	});
	it('gives the gradients of F32: BF16', async () => {
		const { store, values } = asBF16(randomModel(wide, 'F32', 0.05).tensors);
		await expectSame(store, tensorStore(values));
	});
});

describe('a LoRA on some modules, on the kernel', () => {
	it('gives the gradients of those, of any rank', async () => {
		const { store, tensors: values } = randomModel(wide, 'Q4_0');
		const batch = randomBatch(wide, 2, 9);
		const lora = { kind: 'lora', rank: 17, alpha: 5, targets: ['v_proj', 'down_proj'] } as const;
		const all = randomAdapter(wide, 17).tensors;
		const tensors = new Map([...all].filter(([name]) => /v_proj|down_proj/.test(name)));
		const onnx = await openLayeredGradients(runtime, wide, tensorStore(values), lora);
		const right = await onnx.gradients(tensors, batch);
		await onnx.dispose();
		const kernel = await openNodeKernel(2);
		const backend = await openKernelGradients(kernel, wide, store, lora);
		const { gradients } = await backend.gradients(tensors, batch);
		expect([...gradients.keys()]).toEqual([...tensors.keys()]);
		for (const [name, gradient] of right.gradients)
			expect(distance(gradients.get(name), gradient), name).toBeLessThan(1e-4);
		await kernel.dispose();
	});
});

describe('how the work is cut, on the kernel', () => {
	const batch = randomBatch(wide, 5, 67);
	const { parameters, tensors } = randomAdapter(wide, 8);
	const { store, tensors: values } = randomModel(wide, 'Q4_1');
	const on = async (threads: number, options: KernelOptions = {}) => {
		const kernel = await openNodeKernel(threads);
		const backend = await openKernelGradients(kernel, wide, store, parameters, options);
		const got = await backend.gradients(tensors, batch);
		const logprobs = await backend.logprobs(tensors, batch);
		expect(await backend.gradients(tensors, batch)).toEqual(got);
		await backend.dispose();
		await kernel.dispose();
		return { ...got, logprobs };
	};

	it('gives the same bits on 1, 2 and 3 threads, and whether activations are kept', async () => {
		const one = await on(1);
		expect(await on(2)).toEqual(one);
		expect(await on(3, { activations: 'recomputed' })).toEqual(one);
	});

	it.each(builds)('gives the same bits in memory that is not shared: %s', async (build) => {
		const bytes = await readFile(
			new URL(`../../../src/kernel/wasm/${build}.wasm`, import.meta.url),
		);
		const alone = await startKernel(await WebAssembly.compile(bytes), 1, false, () =>
			Promise.reject(new Error('one thread needs no helper')),
		);
		const shared = await openNodeKernel(1, build);
		const [a, b] = await Promise.all(
			[alone, shared].map(async (kernel) => {
				const backend = await openKernelGradients(kernel, wide, store, parameters);
				const got = await backend.gradients(tensors, batch);
				await kernel.dispose();
				return got;
			}),
		);
		expect(a).toEqual(b);
	});

	it('gives what layer by layer on ONNX gives, in several shards of rows of any length', async () => {
		const options = { tokensPerRun: 100, headRows: 9, topLayers: 1 };
		const onnx = await openLayeredGradients(
			runtime,
			wide,
			tensorStore(values),
			parameters,
			options,
		);
		const right = await onnx.gradients(tensors, batch);
		const got = await on(2, options);
		expect(Math.abs(got.loss / right.loss - 1)).toBeLessThan(1e-4);
		for (const [name, gradient] of right.gradients)
			if (name.startsWith('model.layers.0.'))
				expect(got.gradients.get(name)?.every((v) => v === 0)).toBe(true);
			else expect(distance(got.gradients.get(name), gradient), name).toBeLessThan(1e-4);
		expect(got.logprobs).toBeAllclose(await onnx.logprobs(tensors, batch), { absolute: 1e-3 });
		await onnx.dispose();
	});
});
