/** @file The tfjs trainer in Chromium: on wasm, and on WebGPU with the software adapter (tiny shapes). */
import * as tf from '@tensorflow/tfjs';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterAll, describe, expect, test } from 'vitest';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import type { TfjsOptions } from '#training/tfjs/tfjs-backend.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { describeTrainer } from '../contracts/describe-trainer.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';

const memory = () => tf.memory().numTensors + tf.memory().numBytes;
const wasm: TfjsOptions = {
	backend: 'wasm',
	wasmPaths: {
		'tfjs-backend-wasm.wasm': plain,
		'tfjs-backend-wasm-simd.wasm': simd,
		'tfjs-backend-wasm-threaded-simd.wasm': threaded,
	},
};
const webgpu: TfjsOptions = { backend: 'webgpu' };

describeTrainer('tfjs, wasm', { open: tfjsGradients(wasm), memory });
// One model with rotary and position-free layers; the other four differ in what wasm and cpu have shown.
describeTrainer('tfjs, webgpu', {
	open: tfjsGradients(webgpu),
	models: ['smollm3-mixed'],
	memory,
	slow: true,
});

describe('a lost GPU device', () => {
	afterAll(() => tf.setBackend('cpu'));

	test('is named, and a trainer opened after it goes on from the last state', async () => {
		const { spec, weights, adapter, batch } = await loadTransformerFixture('smollm3-nope');
		const open = openGradientTrainer(spec, weights, tfjsGradients(webgpu));
		const trainer = await open(adapter.parameters, {}, { seed: 1 });
		await trainer.step(batch, 1e-2);
		const saved = await trainer.state();

		const backend = tf.backend();
		if (!(backend instanceof WebGPUBackend)) throw new Error('tfjs is not on WebGPU.');
		const step = trainer.step(batch, 1e-2);
		backend.device.destroy();
		await expect(step).rejects.toMatchObject({ name: 'BackendError', code: 'device-lost' });
		await expect(trainer.logprobs(batch)).rejects.toMatchObject({ code: 'device-lost' });
		expect((await trainer.state()).tensors).toEqual(saved.tensors);
		await trainer.dispose();

		const [again, onWasm] = [
			await open(adapter.parameters, {}, { seed: 2 }),
			await openGradientTrainer(spec, weights, tfjsGradients(wasm))(
				adapter.parameters,
				{},
				{ seed: 3 },
			),
		];
		await again.restore(saved);
		await onWasm.restore(saved);
		const [a, b] = [await again.step(batch, 1e-2), await onWasm.step(batch, 1e-2)];
		expect([a.loss, a.gradientNorm]).toBeAllclose([b.loss, b.gradientNorm], { relative: 1e-4 });
		await again.dispose();
		await onWasm.dispose();
	});
});
