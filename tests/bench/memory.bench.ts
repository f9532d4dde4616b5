/** @file Memory over 2,000 training steps of a small model, both trainers: bytes after warm-up against bytes at the end. */
import { it } from 'vitest';
import { openWasmRuntime } from '#graph/runtime/browser.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { initialiseModel } from '#training/initialise.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { openTfjs } from '#training/tfjs/tfjs-backend.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { randomBatch, report, tabBytes, testModel } from './models.ts';
import { tfjsWasm } from './tfjs-wasm.ts';

const spec = {
	...testModel,
	vocabularySize: 64,
	hiddenSize: 32,
	intermediateSize: 64,
	layers: 2,
	heads: 4,
	keyValueHeads: 2,
	headSize: 8,
	rope: [true, true],
};
const lora = { kind: 'lora', rank: 4, alpha: 8, targets: ['q_proj', 'v_proj', 'up_proj'] } as const;

it('stays flat', { timeout: 1_200_000 }, async () => {
	const weights = initialiseModel(spec, 1);
	const batch = randomBatch(spec.vocabularySize, 4, 24);
	const runtime = await openWasmRuntime(1);
	const { tf } = await openTfjs(tfjsWasm);
	for (const [name, backend] of [
		[
			'onnx',
			(...model: Parameters<Parameters<typeof openGradientTrainer>[2]>) =>
				openOnnxGradients(runtime, ...model),
		],
		['tfjs', tfjsGradients(tfjsWasm)],
	] as const) {
		const trainer = await openGradientTrainer(spec, weights, backend)(lora, {}, { seed: 1 });
		const bytes: number[] = [];
		const tensors: number[] = [];
		for (let step = 0; step <= 2000; step++) {
			await trainer.step(batch, 1e-3);
			if (step === 200 || step === 1000 || step === 2000) {
				bytes.push(await tabBytes());
				tensors.push(tf.memory().numBytes);
			}
		}
		report(`Memory over 2,000 steps, ${name}`, {
			bytes,
			tensors,
			growth: (bytes[2] ?? NaN) / (bytes[0] ?? NaN),
		});
		await trainer.dispose();
	}
	await runtime.dispose();
});
