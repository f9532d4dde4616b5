/** @file The ONNX trainer in Node under the contract of every trainer, and step by step beside the tfjs trainer. */
import { describe, expect, test } from 'vitest';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import type { OpenGradients } from '#training/gradients.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { describeTrainer } from '../../contracts/describe-trainer.ts';
import { loadTransformerFixture, modelNames } from '../../fixtures/transformer/load.ts';

const runtime = openNodeRuntime(1);
const onnx =
	(form: 'merged' | 'factored'): OpenGradients =>
	(spec, base, parameters) =>
		openOnnxGradients(runtime, spec, base, parameters, { form });

for (const form of ['merged', 'factored'] as const)
	describeTrainer(`onnx, LoRA ${form}`, { open: onnx(form) });

describe.each(modelNames)('twenty steps of %s', (name) => {
	test.each(['full', 'lora'] as const)(
		'are the same with ONNX and with tfjs (%s)',
		async (kind) => {
			const fixture = await loadTransformerFixture(name);
			const parameters = kind === 'lora' ? fixture.adapter.parameters : ({ kind } as const);
			const open = (backend: OpenGradients) =>
				openGradientTrainer(fixture.spec, fixture.weights, backend)(parameters, {}, { seed: 5 });
			const [one, other] = [
				await open(onnx('merged')),
				await open(tfjsGradients({ backend: 'cpu' })),
			];
			for (let step = 0; step < 20; step++) {
				const batch = fixture.trainingBatches[step % 3] ?? fixture.batch;
				const [a, b] = [await one.step(batch, 5e-3), await other.step(batch, 5e-3)];
				expect([a.loss], `loss of step ${step}`).toBeAllclose([b.loss], { relative: 1e-4 });
			}
			await one.dispose();
			await other.dispose();
		},
	);
});
