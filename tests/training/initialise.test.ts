/** @file Where training starts. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Adapter, Parameters } from '#model/adapter.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { weightShapes } from '#model/spec.ts';
import { initialiseLora, initialiseModel, pick, startTensors } from '#training/initialise.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { loadTransformerFixture, type TransformerFixture } from '../fixtures/transformer/load.ts';

let fixture: TransformerFixture;
let spec: ModelSpec;
beforeAll(async () => {
	fixture = await loadTransformerFixture('qwen2-bias');
	spec = { ...fixture.spec, hiddenSize: 128, intermediateSize: 160, layers: 8 };
});
const deviation = (data: Float32Array = new Float32Array()): number =>
	Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);

describe('a new model', () => {
	test('is normal with the deviation asked for, and less where it writes into the residual stream', () => {
		const weights = initialiseModel(spec, 1);
		const of = (name: string) => deviation(weights.get(`model.layers.3.${name}`)?.data);
		expect(of('mlp.up_proj.weight')).toBeCloseTo(0.02, 3);
		expect(of('mlp.down_proj.weight')).toBeCloseTo(0.02 / 4, 3);
		expect(of('self_attn.o_proj.weight')).toBeCloseTo(0.02 / 4, 3);
	});

	test('has norms of 1, biases of 0 and every shape of the spec', () => {
		const weights = initialiseModel(spec, 1);
		expect(new Set(weights.get('model.norm.weight')?.data)).toEqual(new Set([1]));
		expect(new Set(weights.get('model.layers.0.self_attn.k_proj.bias')?.data)).toEqual(
			new Set([0]),
		);
		expect([...weights].map(([name, t]) => [name, t.shape])).toEqual([...weightShapes(spec)]);
	});

	test('is the same for the same seed, and another for another', () => {
		const name = 'model.embed_tokens.weight';
		const weights = (seed: number) => initialiseModel(spec, seed).get(name)?.data;
		expect(weights(5)).toEqual(weights(5));
		expect(weights(5)).not.toEqual(weights(6));
	});
});

describe('a new LoRA', () => {
	const lora = { rank: 4, targets: ['q_proj', 'down_proj'] };

	test('has A uniform within 1/√in and B zero', () => {
		const factors = initialiseLora(spec, lora, 1);
		const a = factors.get('model.layers.2.mlp.down_proj.lora_A.weight')?.data ?? [];
		const bound = 1 / Math.sqrt(spec.intermediateSize);
		expect(Math.max(...a.map(Math.abs))).toBeLessThanOrEqual(bound);
		expect(Math.max(...a.map(Math.abs))).toBeGreaterThan(bound * 0.95);
		expect(deviation(Float32Array.from(a))).toBeCloseTo(bound / Math.sqrt(3), 2);
		const b = factors.get('model.layers.2.mlp.down_proj.lora_B.weight')?.data;
		expect(new Set(b)).toEqual(new Set([0]));
	});

	test('keeps a module’s factors when another module joins', () => {
		const name = 'model.layers.0.self_attn.q_proj.lora_A.weight';
		const more = { ...lora, targets: [...lora.targets, 'v_proj'] };
		expect(initialiseLora(spec, more, 3).get(name)).toEqual(
			initialiseLora(spec, lora, 3).get(name),
		);
	});
});

describe('a start', () => {
	const full: Parameters = { kind: 'full' };
	const start = (parameters: Parameters, from?: Adapter) =>
		startTensors(fixture.spec, fixture.weights, parameters, {
			seed: 1,
			...(from ? { start: from } : {}),
		});

	test('of all weights is a copy of the base', () => {
		const tensors = start(full);
		const name = 'model.norm.weight';
		expect(tensors.get(name)).toEqual(fixture.weights.get(name));
		expect(tensors.get(name)?.data).not.toBe(fixture.weights.get(name)?.data);
	});

	test('of all weights may be a LoRA, folded in: the model answers as with the adapter', async () => {
		const tensors = start(full, fixture.adapter);
		const backend = await tfjsGradients({ backend: 'cpu' })(fixture.spec, fixture.weights, full);
		const logprobs = await backend.logprobs(tensors, fixture.batch);
		await backend.dispose();
		expect(logprobs).toBeAllclose(fixture.lora.logprobs.data, { absolute: 2e-5 });
	});

	test('of a LoRA must be a LoRA of the same rank and alpha', () => {
		const { parameters } = fixture.adapter;
		if (parameters.kind !== 'lora') throw new Error('The fixture has a LoRA.');
		expect(() => start({ ...parameters, rank: 5 }, fixture.adapter)).toThrow(
			'The start is a LoRA of rank 3, alpha 5; train with the same, not rank 5, alpha 5.',
		);
		const all: Adapter = { parameters: full, tensors: fixture.weights };
		expect(() => start(parameters, all)).toThrow('open the trainer with those as its base');
	});

	test('that lacks a tensor, or has one of another shape, is refused by name', () => {
		const shapes = new Map([['w', [2, 2]]]);
		expect(() => pick(shapes, new Map(), 'the start')).toThrow('w is missing in the start.');
		const wrong = new Map([['w', { shape: [4], data: new Float32Array(4) }]]);
		expect(() => pick(shapes, wrong, 'the start')).toThrow('w in the start is [4], not [2, 2].');
	});

	test('cannot fold an adapter of another model', () => {
		expect(() =>
			startTensors(fixture.spec, new Map(), full, { seed: 1, start: fixture.adapter }),
		).toThrow('does not fit the model; use its own base.');
	});
});
