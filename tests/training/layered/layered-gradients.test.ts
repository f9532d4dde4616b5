/** @file Training layer by layer against the whole graph and PyTorch: the same loss, gradients and log-probabilities. */
import { afterAll, describe, expect, it } from 'vitest';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import type { TensorMap } from '#model/tensor.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { frozenBlocks } from '#training/layered/frozen-weights.ts';
import { openLayeredGradients, type LayeredOptions } from '#training/layered/layered-gradients.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { familyNames, loadFamilyFixture } from '../../fixtures/transformer/families.ts';
import { loadTransformerFixture, modelNames } from '../../fixtures/transformer/load.ts';

const runtime = openNodeRuntime(1);
afterAll(() => runtime.dispose());

/** Every model in both ways to come back; the switches of memory on two of them. */
const switches: readonly LayeredOptions[] = [
	{ activations: 'kept', headRows: 2, tokensPerRun: 8 },
	{ activations: 'kept', frozen: 'stored' },
	{ activations: 'recomputed', frozen: 'F16' },
];
const ways = modelNames.map((name) => ({
	name,
	options: [
		{ activations: 'kept' } as const,
		{ activations: 'recomputed' } as const,
		...(name === 'smollm3-mixed' || name === 'qwen2-bias' ? switches : []),
	] satisfies readonly LayeredOptions[],
}));

/** |a − b| / |b| over all values. */
function distance(a: Float32Array | undefined, b: Float32Array): number {
	let [difference, size] = [0, 0];
	b.forEach((v, i) => {
		difference += ((a?.[i] ?? NaN) - v) ** 2;
		size += v ** 2;
	});
	return Math.sqrt(difference / size);
}

describe('weights that stay in the checkpoint', () => {
	it('are read under the signal of their use, not of the opening', async () => {
		const { spec, weights } = await loadTransformerFixture('qwen2-bias');
		const store = tensorStore(weights);
		const asked: (AbortSignal | undefined)[] = [];
		const floats = (name: string, signal?: AbortSignal) => {
			asked.push(signal);
			return store.floats(name);
		};
		const opening = new AbortController();
		const blocks = await frozenBlocks(spec, { ...store, floats }, 'stored', opening.signal);
		expect(new Set(asked)).toEqual(new Set([opening.signal]));
		opening.abort();
		asked.length = 0;
		const using = new AbortController();
		const feeds = await blocks.feeds(0, using.signal);
		expect(Object.keys(feeds)).toContain('self_attn.q_proj.weight');
		expect(asked.length).toBeGreaterThan(0);
		expect(asked.every((signal) => signal === using.signal)).toBe(true);
	});
});

describe('graphs that cannot be opened', () => {
	/** A runtime that refuses the first `failing` graphs, and counts what is open. */
	const refusing = (failing: number) => {
		const counts = { open: 0, asked: 0 };
		const open: GraphRuntime['open'] = async (...graph) => {
			if (counts.asked++ < failing) throw new Error('no memory');
			const session = await runtime.open(...graph);
			counts.open++;
			return {
				...session,
				release: async () => {
					counts.open--;
					await session.release();
				},
			};
		};
		return { counts, runtime: { ...runtime, open } };
	};

	it.each([1, 2, 3])(
		'are asked for again in the next step, and nothing stays open: %s of them',
		async (failing) => {
			const { counts, runtime: weak } = refusing(failing);
			const { spec, weights, adapter, batch } = await loadTransformerFixture('qwen2-bias');
			const store = tensorStore(weights);
			const layered = await openLayeredGradients(weak, spec, store, adapter.parameters);
			for (let i = 0; i < failing; i++)
				await expect(layered.gradients(adapter.tensors, batch)).rejects.toThrow('no memory');
			const { loss } = await layered.gradients(adapter.tensors, batch);
			expect(loss).toBeGreaterThan(0);
			expect(counts.open).toBeGreaterThan(0);
			await layered.dispose();
			expect(counts.open).toBe(0);
		},
	);

	it('keep no others from being released', async () => {
		// The forward graph opens, that of the head does not.
		const { counts, runtime: weak } = refusing(0);
		const { spec, weights, adapter, batch } = await loadTransformerFixture('qwen2-bias');
		let opened = 0;
		const open: GraphRuntime['open'] = (...graph) =>
			++opened > 1 ? Promise.reject(new Error('no memory')) : weak.open(...graph);
		const layered = await openLayeredGradients(
			{ ...weak, open },
			spec,
			tensorStore(weights),
			adapter.parameters,
		);
		await expect(layered.gradients(adapter.tensors, batch)).rejects.toThrow('no memory');
		expect(counts.open).toBe(1);
		await layered.dispose();
		expect(counts.open).toBe(0);
	});
});

describe('layer by layer', () => {
	it.each(ways)(
		'gives the loss and gradients of the whole graph: $name',
		async ({ name, options }) => {
			const f = await loadTransformerFixture(name);
			const { parameters, tensors } = f.adapter;
			const whole = await openOnnxGradients(runtime, f.spec, f.weights, parameters, {
				form: 'factored',
			});
			const expected = await whole.gradients(tensors, f.batch);
			const logprobs = await whole.logprobs(tensors, f.batch);
			await whole.dispose();
			for (const way of options) {
				const store = tensorStore(f.weights);
				const layered = await openLayeredGradients(runtime, f.spec, store, parameters, way);
				const got = await layered.gradients(tensors, f.batch);
				const tolerance = way.frozen === 'F16' ? 2e-2 : 1e-5;
				expect(Math.abs(got.loss / expected.loss - 1)).toBeLessThan(tolerance);
				expect([...got.gradients.keys()]).toEqual([...tensors.keys()]);
				for (const [key, gradient] of expected.gradients)
					expect(distance(got.gradients.get(key), gradient), key).toBeLessThan(tolerance);
				expect(await layered.logprobs(tensors, f.batch)).toBeAllclose(logprobs, {
					absolute: tolerance,
				});
				await layered.dispose();
			}
		},
	);
});

describe('layer by layer, the other families', () => {
	it.each(familyNames)('gives the loss and gradients of PyTorch: %s', async (name) => {
		const f = await loadFamilyFixture(name);
		const { parameters, tensors } = f.adapter;
		const store = tensorStore(f.weights);
		const layered = await openLayeredGradients(runtime, f.spec, store, parameters);
		const { loss, gradients } = await layered.gradients(tensors, f.batch);
		expect([loss / f.batch.normaliser]).toBeAllclose([f.loss]);
		for (const [key, { data }] of f.gradients) {
			const got = gradients.get(key)?.map((g) => g / f.batch.normaliser);
			expect(distance(got, data), key).toBeLessThan(1e-4);
		}
		await layered.dispose();
	});
});

describe('training the top layers only', () => {
	/** A runtime that counts its runs. */
	const counting = (): GraphRuntime & { runs: number } => {
		const counted = {
			...runtime,
			runs: 0,
			open: async (model: Uint8Array) => {
				const session = await runtime.open(model);
				return {
					...session,
					run: (...call: Parameters<typeof session.run>) => {
						counted.runs++;
						return session.run(...call);
					},
				};
			},
		};
		return counted;
	};

	it('gives their gradients, zeros below, and computes each row below once', async () => {
		const f = await loadTransformerFixture('smollm3-mixed');
		const { parameters, tensors } = f.adapter;
		const all = await openLayeredGradients(runtime, f.spec, tensorStore(f.weights), parameters);
		const counted = counting();
		const top = await openLayeredGradients(counted, f.spec, tensorStore(f.weights), parameters, {
			topLayers: 1,
		});
		const expected = await all.gradients(tensors, f.batch);
		const first = await top.gradients(tensors, f.batch);
		const cold = counted.runs;
		const again = await top.gradients(tensors, f.batch);
		expect(counted.runs - cold).toBe(cold - f.batch.batch);
		expect(again).toEqual(first);
		expect(Math.abs(first.loss / expected.loss - 1)).toBeLessThan(1e-5);
		for (const [key, gradient] of first.gradients)
			if (key.startsWith('model.layers.0.')) expect(gradient.every((v) => v === 0)).toBe(true);
			else
				expect(distance(gradient, expected.gradients.get(key) ?? gradient), key).toBeLessThan(1e-5);
		await all.dispose();
		await top.dispose();
	});

	it('forgets what it kept when a factor below changes', async () => {
		const f = await loadTransformerFixture('qwen3-norm');
		const { parameters, tensors } = f.adapter;
		const open = (topLayers: number) =>
			openLayeredGradients(runtime, f.spec, tensorStore(f.weights), parameters, { topLayers });
		const changed: TensorMap = new Map(
			[...tensors].map(([name, t]) => [name, { ...t, data: t.data.map((v) => v * 1.5) }]),
		);
		const [top, fresh] = [await open(1), await open(1)];
		await top.gradients(tensors, f.batch);
		expect(await top.gradients(changed, f.batch)).toEqual(await fresh.gradients(changed, f.batch));
		await top.dispose();
		await fresh.dispose();
	});

	it('keeps to a small cache and gives the same bits', async () => {
		const f = await loadTransformerFixture('llama-gqa');
		const { parameters, tensors } = f.adapter;
		const open = (cacheBytes: number) =>
			openLayeredGradients(runtime, f.spec, tensorStore(f.weights), parameters, {
				topLayers: 1,
				cacheBytes,
			});
		const [wide, narrow] = [await open(2 ** 20), await open(600)];
		for (const batch of [f.batch, ...f.trainingBatches, f.batch])
			expect(await narrow.gradients(tensors, batch)).toEqual(await wide.gradients(tensors, batch));
		await wide.dispose();
		await narrow.dispose();
	});
});

describe('what cannot be trained layer by layer', () => {
	it('is refused with a sentence', async () => {
		const f = await loadTransformerFixture('llama-gqa');
		const store = tensorStore(f.weights);
		const lora = f.adapter.parameters;
		await expect(openLayeredGradients(runtime, f.spec, store, { kind: 'full' })).rejects.toThrow(
			/only a LoRA can be trained; choose one/,
		);
		for (const topLayers of [0, 3, 1.5, NaN])
			await expect(
				openLayeredGradients(runtime, f.spec, store, lora, { topLayers }),
			).rejects.toThrow(/whole number from 1 to 2/);
		const without = new Map(
			[...f.weights].filter(([name]) => !name.endsWith('1.mlp.up_proj.weight')),
		);
		await expect(openLayeredGradients(runtime, f.spec, tensorStore(without), lora)).rejects.toThrow(
			/no model.layers.1.mlp.up_proj.weight; use one that matches/,
		);
	});

	it('a token outside the vocabulary, by its number', async () => {
		const f = await loadTransformerFixture('llama-gqa');
		const backend = await openLayeredGradients(
			runtime,
			f.spec,
			tensorStore(f.weights),
			f.adapter.parameters,
		);
		const tokens = f.batch.tokens.slice().fill(32, 0, 1);
		await expect(backend.gradients(f.adapter.tensors, { ...f.batch, tokens })).rejects.toThrow(
			/Token 32 is not among the model's 32/,
		);
		await backend.dispose();
	});
});
