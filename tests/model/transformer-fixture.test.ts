/** @file The recorded PyTorch numbers are whole and agree with each other before anyone tests against them. */
import { describe, expect, it } from 'vitest';
import { loraShapes, weightShapes } from '#model/spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import { loadTransformerFixture, modelNames } from '../fixtures/transformer/load.ts';

const shapesOf = (tensors: TensorMap) =>
	Object.fromEntries([...tensors].map(([name, t]) => [name, t.shape]));
const normOf = (tensors: TensorMap) =>
	Math.sqrt([...tensors.values()].reduce((n, t) => t.data.reduce((m, x) => m + x * x, n), 0));

describe.each(modelNames)('recorded model %s', (name) => {
	it('has every weight, gradient and trained parameter in the shape its config asks for', async () => {
		const { spec, weights, full, lora, adapter } = await loadTransformerFixture(name);
		const wanted = Object.fromEntries(weightShapes(spec));
		const factors = Object.fromEntries(
			loraShapes(spec, {
				rank: 3,
				targets: adapter.parameters.kind === 'lora' ? adapter.parameters.targets : [],
			}),
		);
		for (const tensors of [weights, full.gradients, full.dpo.gradients, full.training.parameters])
			expect(shapesOf(tensors)).toEqual(wanted);
		for (const tensors of [
			adapter.tensors,
			lora.gradients,
			lora.dpo.gradients,
			lora.training.parameters,
		])
			expect(shapesOf(tensors)).toEqual(factors);
	});

	it('has losses, log-probabilities and gradient norms that follow from its logits and gradients', async () => {
		const { spec, batch, full, lora, dpoPair } = await loadTransformerFixture(name);
		for (const recorded of [full, lora]) {
			let loss = 0;
			for (let b = 0; b < batch.batch; b++)
				for (let t = 0; t < batch.length - 1; t++) {
					const at = (b * batch.length + t) * spec.vocabularySize;
					const row = recorded.logits.data.subarray(at, at + spec.vocabularySize);
					const top = Math.max(...row);
					const logSum = top + Math.log(row.reduce((n, x) => n + Math.exp(x - top), 0));
					const logprob = (row[batch.tokens[b * batch.length + t + 1] ?? -1] ?? NaN) - logSum;
					const i = b * (batch.length - 1) + t;
					expect(recorded.logprobs.data[i]).toBeCloseTo(logprob, 4);
					loss -= (batch.weights[i] ?? NaN) * logprob;
				}
			expect(recorded.loss).toBeCloseTo(loss / batch.normaliser, 4);
			expect(normOf(recorded.gradients)).toBeCloseTo(recorded.gradientNorm, 4);
			expect(normOf(recorded.dpo.gradients)).toBeCloseTo(recorded.dpo.gradientNorm, 4);
			const [[c = 0, r = 0], [rc = 0, rr = 0]] = [
				recorded.dpo.policyLogprobs,
				recorded.dpo.referenceLogprobs,
			];
			const margin = dpoPair.beta * (c - r - (rc - rr));
			expect(recorded.dpo.loss).toBeCloseTo(Math.log1p(Math.exp(-margin)), 4);
			expect(recorded.training.losses.at(-1)).toBeLessThan(recorded.training.losses[0] ?? 0);
		}
	});
});
