/** @file The loss and gradient of a trainer without a step, and the Fisher information made of them. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Parameters } from '#model/adapter.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { fisher } from '#training/optimizer/fisher.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import type { OptimizerOptions, Trainer } from '#training/trainer.ts';
import {
	loadTransformerFixture,
	type TransformerFixture,
} from '../../fixtures/transformer/load.ts';

let f: TransformerFixture;
beforeAll(async () => {
	f = await loadTransformerFixture('qwen2-bias');
});
const opened: Trainer[] = [];
afterEach(async () => {
	for (const trainer of opened.splice(0)) await trainer.dispose();
});
const open = async (
	optimizer: Partial<OptimizerOptions> = {},
	parameters: Parameters = f.adapter.parameters,
): Promise<Trainer> => {
	const start = parameters.kind === 'lora' ? { start: f.adapter } : {};
	const factory = openGradientTrainer(f.spec, f.weights, tfjsGradients({ backend: 'cpu' }));
	const trainer = await factory(parameters, optimizer, { seed: 1, ...start });
	opened.push(trainer);
	return trainer;
};

describe('the gradient without a step', () => {
	test('is that of PyTorch, divided by the normaliser', async () => {
		const { loss, gradients } = await (await open()).gradients(f.batch);
		expect([loss]).toBeAllclose([f.lora.loss]);
		expect([...gradients.keys()].sort()).toEqual([...f.lora.gradients.keys()].sort());
		for (const [name, { data }] of f.lora.gradients)
			expect(gradients.get(name), name).toBeAllclose(data, { relative: 1e-4, absolute: 1e-5 });
	});

	test('is the slope of the loss: central differences along single weights', async () => {
		const trainer = await open();
		const { gradients } = await trainer.gradients(f.batch);
		const state = await trainer.state();
		const lossAt = async (name: string, i: number, by: number): Promise<number> => {
			const tensors = new Map([...state.tensors]);
			const key = `parameter/${name}`;
			const tensor = tensors.get(key) ?? { shape: [0], data: new Float32Array() };
			const data = tensor.data.slice();
			data[i] = (data[i] ?? NaN) + by;
			tensors.set(key, { ...tensor, data });
			await trainer.restore({ ...state, tensors });
			return (await trainer.gradients(f.batch)).loss;
		};
		for (const name of [...gradients.keys()].filter((_, i) => i % 5 === 0))
			for (const i of [0, 7]) {
				const slope = ((await lossAt(name, i, 1e-2)) - (await lossAt(name, i, -1e-2))) / 2e-2;
				expect([slope], `${name} ${i}`).toBeAllclose([gradients.get(name)?.[i] ?? NaN], {
					relative: 2e-2,
					absolute: 1e-4,
				});
			}
	});

	test('leaves parameters, moments and the step count as they were, and is the caller’s own', async () => {
		const trainer = await open({ average: 0.9, weightDecay: 0.1 });
		await trainer.step(f.batch, 1e-2);
		const before = await trainer.state();
		const first = await trainer.gradients(f.batch);
		const copy = new Map([...first.gradients].map(([name, data]) => [name, data.slice()]));
		for (const data of first.gradients.values()) data.fill(9);
		expect((await trainer.gradients(f.batch)).gradients).toEqual(copy);
		expect(await trainer.state()).toEqual(before);
	});

	test('takes its turn among steps, and stops when told to', async () => {
		const [one, two] = [await open(), await open()];
		const step = one.step(f.batch, 1e-2);
		const during = one.gradients(f.batch);
		await Promise.all([step, during]);
		await two.step(f.batch, 1e-2);
		expect(await during).toEqual(await two.gradients(f.batch));
		await expect(one.gradients(f.batch, AbortSignal.abort())).rejects.toMatchObject({
			name: 'AbortError',
		});
		await expect(one.gradients({ ...f.batch, normaliser: 0 })).rejects.toThrow('more than 0');
	});
});

describe('Fisher information', () => {
	test('is the mean of the squared gradients of the batches, parameter by parameter', async () => {
		const trainer = await open();
		const [a, b] = f.trainingBatches;
		if (!a || !b) throw new Error('The fixture has three training batches.');
		const information = await fisher(trainer, [a, b]);
		const [ga, gb] = [await trainer.gradients(a), await trainer.gradients(b)];
		for (const [name, values] of information)
			expect(values, name).toBeAllclose(
				[...values.keys()].map(
					(i) =>
						((ga.gradients.get(name)?.[i] ?? NaN) ** 2 +
							(gb.gradients.get(name)?.[i] ?? NaN) ** 2) /
						2,
				),
				{ relative: 1e-6 },
			);
		expect([...information.keys()]).toEqual([...ga.gradients.keys()]);
	});

	test('of known gradients is known', async () => {
		const gradients = [Float32Array.of(1, -2), Float32Array.of(3, 0)];
		let asked = 0;
		const known = {
			gradients: () =>
				Promise.resolve({
					loss: 0,
					gradients: new Map([['w', gradients[asked++] ?? new Float32Array()]]),
				}),
		};
		expect(await fisher(known, [f.batch, f.batch])).toEqual(
			new Map([['w', Float32Array.of(5, 2)]]),
		);
		await expect(fisher(known, [])).rejects.toThrow('at least one batch');
	});

	test('holds what matters most: a trainer that is pulled by it stays nearer to where it was', async () => {
		const free = await open();
		const importance = await fisher(free, f.trainingBatches);
		const held = await open({ pull: { strength: 1e4, importance } });
		const start = held.adapter().tensors;
		const distance = (trainer: Trainer): number => {
			let sum = 0;
			for (const [name, { data }] of trainer.adapter().tensors)
				data.forEach((v, i) => {
					const by = importance.get(name)?.[i] ?? NaN;
					sum += by * (v - (start.get(name)?.data[i] ?? NaN)) ** 2;
				});
			return sum;
		};
		for (let i = 0; i < 10; i++)
			for (const trainer of [free, held]) await trainer.step(f.batch, 1e-2);
		expect(distance(held)).toBeLessThan(distance(free) / 2);
	});
});
