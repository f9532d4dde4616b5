/** @file What the trainer over any back end does between gradients: decay, averaging, turns, refusals. */
import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Parameters } from '#model/adapter.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { layeredGradients } from '#training/layered/layered-gradients.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import type { OptimizerOptions, Trainer, TrainerState, WeightedBatch } from '#training/trainer.ts';
import earlier from '../fixtures/trainer-state/qwen2-bias.json' with { type: 'json' };
import { loadTransformerFixture, type TransformerFixture } from '../fixtures/transformer/load.ts';

let fixture: TransformerFixture;
beforeAll(async () => {
	fixture = await loadTransformerFixture('qwen2-bias');
});
const full: Parameters = { kind: 'full' };
const open = (
	parameters: Parameters,
	optimizer: Partial<OptimizerOptions> = {},
): Promise<Trainer> =>
	openGradientTrainer(fixture.spec, fixture.weights, tfjsGradients({ backend: 'cpu' }))(
		parameters,
		optimizer,
		{ seed: 1 },
	);
const values = (trainer: Trainer, name: string, which?: 'current' | 'average'): number[] => [
	...(trainer.adapter(which).tensors.get(name)?.data ?? []),
];

describe('a step', () => {
	test('without gradient decays matrices and leaves norms and biases alone', async () => {
		const trainer = await open(full, { weightDecay: 0.5 });
		const before = new Map(
			[...trainer.adapter().tensors].map(([name, { data }]) => [name, [...data]]),
		);
		const still: WeightedBatch = {
			...fixture.batch,
			weights: new Float32Array(fixture.batch.weights.length),
		};
		const report = await trainer.step(still, 0.1);
		expect([Math.abs(report.loss), report.gradientNorm, report.tokens]).toEqual([0, 0, 0]);
		for (const [name, { shape, data }] of trainer.adapter().tensors) {
			const keep = shape.length > 1 ? 0.95 : 1;
			expect(data, name).toBeAllclose((before.get(name) ?? []).map((x) => x * keep));
		}
		await trainer.dispose();
	});

	test('at a rate of 0 counts, and moves nothing', async () => {
		const trainer = await open(full, { weightDecay: 0.5 });
		const before = values(trainer, 'model.norm.weight');
		await trainer.step(fixture.batch, 0);
		expect(values(trainer, 'model.norm.weight')).toEqual(before);
		expect((await trainer.state()).steps).toBe(1);
		await trainer.dispose();
	});

	test('over several batches divides by the sum of their normalisers', async () => {
		const [a, b] = fixture.trainingBatches;
		if (!a || !b) throw new Error('The fixture has three training batches.');
		const trainer = await open(full);
		const alone = [await trainer.step(a, 0), await trainer.step(b, 0)].map((report) => report.loss);
		const together = await trainer.step([a, b], 0);
		const [lossA = NaN, lossB = NaN] = alone;
		const sum = lossA * a.normaliser + lossB * b.normaliser;
		expect([together.loss]).toBeAllclose([sum / (a.normaliser + b.normaliser)]);
		await trainer.dispose();
	});

	test('refuses a rate, a normaliser or a list that makes no sense', async () => {
		const trainer = await open(full);
		await expect(trainer.step(fixture.batch, -1)).rejects.toThrow('must be 0 or more, got -1');
		await expect(trainer.step(fixture.batch, NaN)).rejects.toThrow('must be 0 or more, got NaN');
		const nothing = { ...fixture.batch, normaliser: 0 };
		await expect(trainer.step(nothing, 1e-3)).rejects.toThrow('must add up to more than 0');
		await expect(trainer.step([], 1e-3)).rejects.toThrow('must add up to more than 0');
		expect((await trainer.state()).steps).toBe(0);
		await trainer.dispose();
	});
});

describe('the average of the weights', () => {
	test('follows the weights at the pace asked for', async () => {
		const name = 'model.norm.weight';
		const trainer = await open(full, { average: 0.75 });
		let expected = values(trainer, name);
		for (let i = 0; i < 4; i++) {
			await trainer.step(fixture.batch, 1e-2);
			const now = values(trainer, name);
			expected = expected.map((mean, j) => 0.75 * mean + 0.25 * (now[j] ?? NaN));
		}
		expect(values(trainer, name, 'average')).toBeAllclose(expected);
		expect(values(trainer, name, 'average')).not.toEqual(values(trainer, name));
		await trainer.dispose();
	});

	test('is the weights themselves when it is off', async () => {
		const trainer = await open(full);
		await trainer.step(fixture.batch, 1e-2);
		expect(trainer.adapter('average')).toEqual(trainer.adapter('current'));
		await trainer.dispose();
	});

	test('starts at the restored weights when the state was saved without one', async () => {
		const without = await open(full);
		await without.step(fixture.batch, 1e-2);
		const trainer = await open(full, { average: 0.9 });
		await trainer.restore(await without.state());
		expect(trainer.adapter('average').tensors).toEqual(without.adapter().tensors);
		await without.dispose();
		await trainer.dispose();
	});
});

describe('a state', () => {
	/** What an earlier trainer saved after two steps and after a third, F32 in base 64. */
	const stateOf = ({ steps, parameters, tensors }: (typeof earlier)['saved']): TrainerState => ({
		steps,
		parameters: parameters as Parameters,
		tensors: new Map(
			Object.entries(tensors).map(([name, { shape, data }]) => [
				name,
				{
					shape,
					data: new Float32Array(Uint8Array.from(atob(data), (c) => c.charCodeAt(0)).buffer),
				},
			]),
		),
	});

	test('of an earlier version is restored to the bit, and its next step is the one made then', async () => {
		const saved = stateOf(earlier.saved);
		const trainer = await open(saved.parameters, { average: 0.75, weightDecay: 0.1 });
		await trainer.restore(saved);
		expect(await trainer.state()).toEqual(saved);
		await trainer.step(fixture.batch, 1e-2);
		const [now, then] = [await trainer.state(), stateOf(earlier.next)];
		expect([...now.tensors.keys()]).toEqual([...then.tensors.keys()]);
		for (const [name, { data }] of then.tensors)
			expect(now.tensors.get(name)?.data, name).toBeAllclose(data, {
				relative: 1e-6,
				absolute: 1e-9,
			});
		await trainer.dispose();
	});

	test('keeps what the pull goes back to, also for a trainer that started elsewhere', async () => {
		const lora = fixture.adapter.parameters;
		const factory = openGradientTrainer(
			fixture.spec,
			fixture.weights,
			tfjsGradients({ backend: 'cpu' }),
		);
		const pulled = (seed: number) => factory(lora, { pull: { strength: 0.5 } }, { seed });
		const [one, two] = [await pulled(1), await pulled(2)];
		await one.step(fixture.batch, 1e-2);
		await two.restore(await one.state());
		for (const trainer of [one, two]) await trainer.step(fixture.batch, 1e-2);
		expect(await two.state()).toEqual(await one.state());
		expect([...(await one.state()).tensors.keys()]).toContain(
			'reference/model.layers.0.self_attn.q_proj.lora_A.weight',
		);
		const without = await factory(lora, {}, { seed: 3 });
		await two.restore(await without.state());
		const { tensors } = await two.state();
		for (const [name, { data }] of without.adapter().tensors)
			expect(tensors.get(`reference/${name}`)?.data).toEqual(data);
		for (const trainer of [one, two, without]) await trainer.dispose();
	});

	test('is a copy: neither side can change the other', async () => {
		const trainer = await open(full);
		const state = await trainer.state();
		state.tensors.get('parameter/model.norm.weight')?.data.fill(99);
		expect(values(trainer, 'model.norm.weight')).not.toContain(99);
		await trainer.restore(state);
		state.tensors.get('parameter/model.norm.weight')?.data.fill(7);
		expect(values(trainer, 'model.norm.weight')).not.toContain(7);
		await trainer.dispose();
	});

	test('of other parameters, or with a tensor missing, is refused and nothing is taken over', async () => {
		const trainer = await open(full);
		const before = (await trainer.state()).tensors;
		const adapted = await open(fixture.adapter.parameters);
		await expect(trainer.restore(await adapted.state())).rejects.toThrow(
			'The state is of a LoRA of rank 3, alpha 5',
		);
		const torn = new Map(before);
		torn.delete('second/model.norm.weight');
		torn.set('parameter/model.norm.weight', { shape: [16], data: new Float32Array(16) });
		const state = { parameters: full, steps: 3, tensors: torn };
		await expect(trainer.restore(state)).rejects.toThrow(
			"model.norm.weight is missing in the state's second.",
		);
		expect((await trainer.state()).tensors).toEqual(before);
		await trainer.dispose();
		await adapted.dispose();
	});
});

test('the last layers alone learn alike, over a back end that goes through all and over one that does not', async () => {
	const { spec, weights, adapter, batch } = fixture;
	const { parameters } = adapter;
	const runtime = openNodeRuntime(1);
	expect(spec.layers).toBe(2);
	const whole = openGradientTrainer(spec, weights, tfjsGradients({ backend: 'cpu' }));
	const layered = openGradientTrainer(
		spec,
		weights,
		() => Promise.reject(new Error('all layers are not asked for')),
		(topLayers) => layeredGradients(runtime, tensorStore(weights), { topLayers }),
	);
	const [one, two] = await Promise.all(
		[whole, layered].map((open) => open(parameters, {}, { seed: 1, topShare: 0.5 })),
	);
	if (!one || !two) throw new Error('there are two');
	const before = one.adapter().tensors;
	for (const trainer of [one, two]) await trainer.step(batch, 1e-2);
	const after = two.adapter().tensors;
	for (const [name, { data }] of one.adapter().tensors) {
		expect(data, name).toBeAllclose([...(after.get(name)?.data ?? [])], { relative: 1e-3 });
		const isBelow = name.startsWith('model.layers.0.');
		if (isBelow) expect(data, name).toEqual(before.get(name)?.data);
	}
	const [b] = [...one.adapter().tensors].filter(
		([name]) => name.startsWith('model.layers.1.') && name.includes('lora_B'),
	);
	expect(b?.[1].data.some((value) => value !== 0)).toBe(true);
	await expect(whole(full, {}, { seed: 1, topShare: 0.5 })).rejects.toThrow('Only a LoRA');
	for (const trainer of [one, two]) await trainer.dispose();
});

test('closes its back end once, also where it is disposed twice at once', async () => {
	const closed = vi.fn(() => Promise.resolve());
	const trainer = await openGradientTrainer(fixture.spec, fixture.weights, async (...model) => {
		const backend = await tfjsGradients({ backend: 'cpu' })(...model);
		vi.spyOn(backend, 'dispose').mockImplementation(closed);
		return backend;
	})(full, {}, { seed: 1 });
	await Promise.all([trainer.dispose(), trainer.dispose()]);
	await trainer.dispose();
	expect(closed).toHaveBeenCalledTimes(1);
});

test('a disposed trainer says so, and may be disposed twice', async () => {
	const trainer = await open(full);
	await trainer.dispose();
	await trainer.dispose();
	await expect(trainer.step(fixture.batch, 1e-3)).rejects.toThrow('This trainer is disposed');
});
