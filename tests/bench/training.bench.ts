/** @file A LoRA step of the test model: our kernel and ONNX Runtime on wasm against tfjs on wasm, plain and tuned, in turns. */
import { it } from 'vitest';
import { openWasmRuntime } from '#graph/runtime/browser.ts';
import { openBrowserKernel } from '#kernel/browser.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { initialiseModel } from '#training/initialise.ts';
import { kernelGradients } from '#training/kernel/kernel-gradients.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { median, randomBatch, report, testLora, testModel, time } from './models.ts';
import { tfjsWasm } from './tfjs-wasm.ts';

it('a LoRA step, onnx against tfjs', { timeout: 900_000 }, async () => {
	const weights = initialiseModel(testModel, 1);
	const batch = randomBatch(testModel.vocabularySize, 16, 128);
	const runtime = await openWasmRuntime();
	const open = (backend: Parameters<typeof openGradientTrainer>[2]) =>
		openGradientTrainer(testModel, weights, backend)(testLora, {}, { seed: 1 });
	const onnx = await open((...model) => openOnnxGradients(runtime, ...model));
	const kernel = await openBrowserKernel();
	const ours = await open(kernelGradients(kernel, tensorStore(weights)));
	const tuned = await open(tfjsGradients({ ...tfjsWasm, linear: 'tuned' }));
	const plain = await open(tfjsGradients({ ...tfjsWasm, linear: 'plain' }));
	const step = (trainer: typeof onnx) => async () => {
		await trainer.step(batch, 1e-3);
	};
	// The first steps are slower: V8 compiles the wasm again.
	await time(4, step(onnx));
	await time(4, step(ours));
	await time(1, step(tuned));
	const times = {
		kernel: [] as number[],
		onnx: [] as number[],
		tuned: [] as number[],
		plain: [] as number[],
	};
	for (let round = 0; round < 3; round++) {
		times.plain.push(...(await time(1, step(plain))));
		times.tuned.push(...(await time(1, step(tuned))));
		times.onnx.push(...(await time(3, step(onnx))));
		times.kernel.push(...(await time(3, step(ours))));
	}
	report('LoRA step, 4.6M, Chromium', {
		workers: runtime.workers,
		...times,
		plainOverOnnx: median(times.plain) / median(times.onnx),
		tunedOverOnnx: median(times.tuned) / median(times.onnx),
		plainOverKernel: median(times.plain) / median(times.kernel),
		tunedOverKernel: median(times.tuned) / median(times.kernel),
	});
	for (const trainer of [ours, onnx, tuned, plain]) await trainer.dispose();
	await kernel.dispose();
	await runtime.dispose();
});
