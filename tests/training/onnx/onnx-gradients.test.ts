/** @file The ONNX back end against PyTorch: logits' log-probabilities, loss and gradients, full and LoRA, for five families. */
import { describe, expect, it } from 'vitest';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { loadTransformerFixture, modelNames } from '../../fixtures/transformer/load.ts';

const runtime = openNodeRuntime(1);

describe.each(modelNames)('the training graph of %s', (name) => {
	it.each(['full', 'lora'] as const)(
		'gives the loss and gradients of PyTorch (%s)',
		async (kind) => {
			const f = await loadTransformerFixture(name);
			const recorded = f[kind];
			const parameters = kind === 'lora' ? f.adapter.parameters : ({ kind: 'full' } as const);
			const tensors = kind === 'lora' ? f.adapter.tensors : f.weights;
			for (const form of ['merged', 'factored'] as const) {
				const backend = await openOnnxGradients(runtime, f.spec, f.weights, parameters, { form });
				const { loss, gradients } = await backend.gradients(tensors, f.batch);
				expect(loss / f.batch.normaliser).toBeCloseTo(recorded.loss, 4);
				for (const [key, expected] of recorded.gradients) {
					const got = gradients.get(key)?.map((x) => x / f.batch.normaliser);
					expect(got, key).toBeAllclose(expected.data, { relative: 2e-4, absolute: 2e-6 });
				}
				expect(await backend.logprobs(tensors, f.batch)).toBeAllclose(recorded.logprobs.data, {
					relative: 1e-4,
					absolute: 1e-5,
				});
				await backend.dispose();
			}
		},
	);
});
