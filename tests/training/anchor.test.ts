/** @file Anchored tokens: the gradient of ½ · strength · (reference − log p)², on the kernel in one pass, elsewhere from two. */
import { expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import type { OpenGradients } from '#training/gradients.ts';
import { kernelGradients } from '#training/kernel/kernel-gradients.ts';
import { layeredGradients } from '#training/layered/layered-gradients.ts';
import type { WeightedBatch } from '#training/trainer.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';
import { distance } from './kernel/kernel-cases.ts';

it('has the same loss and gradient in one pass and in two, and that of the numbers', async () => {
	const { spec, weights, adapter, batch: given } = await loadTransformerFixture('llama-gqa');
	const draw = random(3);
	const cells = given.weights.length;
	// The last row is held and not learnt, up to its end.
	const held = (i: number): boolean => i >= cells - (given.length - 1);
	const batch: WeightedBatch = {
		...given,
		weights: given.weights.map((weight, i) => (held(i) ? 0 : weight)),
		anchor: {
			reference: Float32Array.from({ length: cells }, () => -3 * draw.next()),
			strength: Float32Array.from({ length: cells }, (_, i) => (held(i) ? draw.next() : 0)),
		},
	};
	const [kernel, runtime] = [await openNodeKernel(1), openNodeRuntime(1)];
	const store = tensorStore(weights);
	const open = (backend: OpenGradients) =>
		openGradientTrainer(spec, new Map(), backend)(
			adapter.parameters,
			{},
			{ seed: 1, start: adapter },
		);
	const [one, two] = [
		await open(kernelGradients(kernel, store)),
		await open(layeredGradients(runtime, store)),
	];
	const [a, b] = [await one.gradients(batch), await two.gradients(batch)];
	expect([a.loss]).toBeAllclose([b.loss]);
	const { anchor: _, ...plain } = batch;
	expect([a.loss]).toBeAllclose([(await one.gradients(plain)).loss]);
	for (const [name, gradient] of b.gradients)
		expect(distance(a.gradients.get(name), gradient), name).toBeLessThan(1e-4);

	// A small step along a gradient changes what it is of by the square of its length.
	const whole = async (): Promise<number> => {
		const logprobs = await one.logprobs(batch);
		return logprobs.reduce((sum, logprob, i) => {
			const far = (batch.anchor?.reference[i] ?? 0) - logprob;
			const strength = batch.anchor?.strength[i] ?? 0;
			return sum - (batch.weights[i] ?? 0) * logprob + 0.5 * strength * far * far;
		}, 0);
	};
	const before = await whole();
	const state = await one.state();
	const norm = [...a.gradients.values()].flatMap((all) => [...all]).reduce((n, v) => n + v * v, 0);
	const by = 1e-4 / Math.sqrt(norm);
	const moved = new Map(state.tensors);
	for (const [name, gradient] of a.gradients) {
		const tensor = moved.get(`parameter/${name}`);
		if (tensor)
			moved.set(`parameter/${name}`, {
				...tensor,
				data: tensor.data.map((v, i) => v + by * (gradient[i] ?? 0)),
			});
	}
	await one.restore({ ...state, tensors: moved });
	const change = ((await whole()) - before) / batch.normaliser;
	expect(change / (by * norm)).toBeCloseTo(1, 1);
	await one.dispose();
	await two.dispose();
	await kernel.dispose();
	await runtime.dispose();
});
