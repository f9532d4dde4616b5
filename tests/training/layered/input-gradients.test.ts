/** @file Gradients at the input embeddings against PyTorch and finite differences, with the adapter on and off. */
import { afterAll, describe, expect, it } from 'vitest';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import type { TensorMap } from '#model/tensor.ts';
import { openKernelLayers } from '#training/kernel/kernel-layers.ts';
import { inputGradients, type InputGradients } from '#training/layered/input-gradients.ts';
import { openOnnxLayers } from '#training/layered/onnx-layers.ts';
import {
	loadTransformerFixture,
	type RecordedBatch,
	type TransformerFixture,
} from '../../fixtures/transformer/load.ts';

const runtime = openNodeRuntime(1);
const kernel = await openNodeKernel(2);
afterAll(async () => {
	await kernel.dispose();
	await runtime.dispose();
});

const places = ['kernel', 'onnx'] as const;
const open = (
	place: (typeof places)[number],
	{ spec, adapter }: TransformerFixture,
	weights: TensorMap,
): Promise<InputGradients> => {
	const { parameters } = adapter;
	if (parameters.kind !== 'lora') throw new Error('the fixture has a LoRA');
	const store = tensorStore(weights);
	return inputGradients(spec, parameters, (lora, settings) =>
		place === 'kernel'
			? openKernelLayers(kernel, spec, store, lora, settings)
			: openOnnxLayers(runtime, spec, store, lora, 'F32', settings),
	);
};

/** ∂L/∂E of the embedding table: the gradients of equal tokens, added. */
function byToken(
	{ tokens, length }: RecordedBatch,
	rows: readonly Float32Array[],
	{ vocabularySize, hiddenSize: d }: TransformerFixture['spec'],
): Float32Array {
	const table = new Float32Array(vocabularySize * d);
	rows.forEach((row, r) => {
		row.forEach((value, i) => {
			const at = (tokens[r * length + Math.floor(i / d)] ?? 0) * d + (i % d);
			table[at] = (table[at] ?? 0) + value;
		});
	});
	return table;
}

const embedding = 'model.embed_tokens.weight';

describe.each(places)('gradients at the input embeddings, %s', (place) => {
	it.each(['llama-gqa', 'qwen3-norm', 'smollm3-mixed'] as const)(
		'add up to what PyTorch gives for an embedding table that is not the head, too, adapter off: %s',
		async (name) => {
			const fixture = await loadTransformerFixture(name);
			const gradients = await open(place, fixture, fixture.weights);
			const { batch, spec, full } = fixture;
			const { loss, rows } = await gradients.gradients(gradients.off, batch);
			expect([loss / batch.normaliser]).toBeAllclose([full.loss]);
			const expected = full.gradients.get(embedding)?.data;
			const got = byToken(batch, rows, spec).map((g) => g / batch.normaliser);
			expect(got).toBeAllclose(expected ?? [], { relative: 1e-4, absolute: 1e-5 });
			await gradients.dispose();
		},
	);

	it('equal finite differences, adapter on, to 1e-3 of their size', async () => {
		const fixture = await loadTransformerFixture('llama-gqa');
		const { spec, batch, weights, adapter } = fixture;
		const h = 1e-2;
		const gradients = await open(place, fixture, weights);
		const { rows } = await gradients.gradients(adapter.tensors, batch);
		const analytic = byToken(batch, rows, spec);
		await gradients.dispose();
		const lossWith = async (at: number, by: number): Promise<number> => {
			const table = weights.get(embedding);
			if (!table) throw new Error('no table');
			const data = table.data.slice();
			data[at] = (data[at] ?? 0) + by;
			const moved = await open(
				place,
				fixture,
				new Map([...weights, [embedding, { ...table, data }]]),
			);
			const { loss } = await moved.gradients(adapter.tensors, batch);
			await moved.dispose();
			return loss;
		};
		const places = [0, 3].map((i) => (batch.tokens[i] ?? 0) * spec.hiddenSize + 2 * i);
		for (const at of places) {
			const slope = ((await lossWith(at, h)) - (await lossWith(at, -h))) / (2 * h);
			expect(Math.abs(slope - (analytic[at] ?? NaN))).toBeLessThan(1e-3 * (1 + Math.abs(slope)));
		}
	});

	it('differ with the adapter on, and give the loss of PyTorch then, too', async () => {
		const fixture = await loadTransformerFixture('qwen2-bias');
		const { batch, adapter, lora, weights } = fixture;
		const gradients = await open(place, fixture, weights);
		const on = await gradients.gradients(adapter.tensors, batch);
		const off = await gradients.gradients(gradients.off, batch);
		expect([on.loss / batch.normaliser]).toBeAllclose([lora.loss]);
		expect(on.rows[0]).not.toEqual(off.rows[0]);
		expect(await gradients.gradients(adapter.tensors, batch)).toEqual(on);
		await gradients.dispose();
	});

	it('come with the rows of the embedding table', async () => {
		const fixture = await loadTransformerFixture('smollm3-mixed');
		const { hiddenSize: d } = fixture.spec;
		const gradients = await open(place, fixture, fixture.weights);
		const rows = await gradients.embeddings(Int32Array.of(7, 0, 21, 7));
		const table = fixture.weights.get(embedding)?.data ?? new Float32Array();
		const expected = [7, 0, 21, 7].flatMap((id) => [...table.subarray(id * d, (id + 1) * d)]);
		expect([...rows]).toEqual(expected);
		await gradients.dispose();
	});
});
