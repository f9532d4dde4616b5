/** @file Elastic weight consolidation: the importance of weights to old answers, and a pull that goes by it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { carryOut } from '#loop/3-update/carry-out.ts';
import { pullOf } from '#loop/3-update/importance.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import type { Example } from '#loop/example.ts';
import { examplesIn, examplesSeenBy, type TrainPlan } from '#loop/plan.ts';
import { assertSealed } from '#runs/plan-check.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import type { TrainerFactory } from '#training/trainer.ts';
import {
	loadTransformerFixture,
	type TransformerFixture,
} from '../../fixtures/transformer/load.ts';
import { addition, keptExperience, someTask, testWorld, trainingOf } from '../world.ts';

let f: TransformerFixture;
let openTrainer: TrainerFactory;
beforeAll(async () => {
	f = await loadTransformerFixture('llama-gqa');
	openTrainer = openGradientTrainer(f.spec, f.weights, tfjsGradients({ backend: 'cpu' }));
});
const saying = (difficulty: number, prompt: number[], completion: number[]): Example => ({
	...{ kind: 'text', difficulty, prompt: '', completion: '', tokens: { prompt, completion } },
});
const old = saying(1, [3, 4], [5, 6, 7]);
const fresh = saying(9, [3, 4], [9, 8, 9]);
const start = startPlan([], addition);
const planOf = (pull: number, importance?: TrainPlan['optimizer']['importance']): TrainPlan => ({
	...start,
	mixture: [{ name: 'newest', share: 1, examples: [fresh] }],
	parameters: { kind: 'full' },
	optimizer: {
		...{ ...start.optimizer, learningRate: 5e-3, clip: 0, warmup: 0, pull },
		...(importance && { importance }),
	},
	budget: { steps: 12, batch: 1 },
});
const contextOf = () => {
	const at = testWorld();
	return at.context({ world: { ...at.world, openTrainer } });
};
const open = () => openTrainer({ kind: 'full' }, {}, { seed: 1 });
const pulled = async (examples: readonly Example[]) => {
	const pull = await pullOf(planOf(2, { examples, samples: 1 }), contextOf(), open);
	if (!pull?.importance || !pull.reference) throw new Error('The plan pulls by importance.');
	return { ...pull, importance: pull.importance, reference: pull.reference };
};

describe('the importance of a weight', () => {
	test('is the squared slope of the log-likelihood of an old answer, by finite differences', async () => {
		const { importance, reference, strength } = await pulled([old]);
		expect(strength).toBe(2);
		expect(reference).toEqual((await open()).adapter().tensors);
		const trainer = await open();
		const state = await trainer.state();
		const row = { batch: 1, length: 5, tokens: Int32Array.of(3, 4, 5, 6, 7) };
		const likelihoodAt = async (name: string, i: number, by: number): Promise<number> => {
			const key = `parameter/${name}`;
			const tensor = state.tensors.get(key) ?? { shape: [0], data: new Float32Array() };
			const data = tensor.data.slice();
			data[i] = (data[i] ?? NaN) + by;
			const tensors = new Map([...state.tensors, [key, { ...tensor, data }] as const]);
			await trainer.restore({ ...state, tensors });
			// The prompt's own tokens are not learnt.
			return (await trainer.logprobs(row)).slice(1).reduce((sum, value) => sum + value, 0);
		};
		const names = [...importance.keys()].filter((_, i) => i % 4 === 0);
		const slopes: number[] = [];
		const found: number[] = [];
		for (const name of names)
			for (const i of [0, 5]) {
				const h = 1e-2;
				const slope =
					((await likelihoodAt(name, i, h)) - (await likelihoodAt(name, i, -h))) / (2 * h);
				slopes.push(slope ** 2);
				found.push(importance.get(name)?.[i] ?? NaN);
			}
		// One factor for all: it is scaled to a mean of 1.
		const scale = found.reduce((a, b) => a + b, 0) / slopes.reduce((a, b) => a + b, 0);
		expect(slopes.filter((slope) => slope > 1e-6).length).toBeGreaterThan(3);
		expect(found).toBeAllclose(
			slopes.map((slope) => slope * scale),
			{ relative: 5e-2, absolute: 1e-3 * Math.max(...found) },
		);
	});

	test('has a mean of 1, so that the strength means the same as without it', async () => {
		const values = [...(await pulled([old])).importance.values()].flatMap((data) => [...data]);
		expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(1, 4);
	});

	test('is not asked about where nothing pulls, nor if nothing is old', async () => {
		const never = () => Promise.reject(new Error('asked'));
		expect(await pullOf(planOf(0, { examples: [old], samples: 1 }), contextOf(), never)).toBe(
			undefined,
		);
		expect(await pullOf(planOf(1), contextOf(), never)).toEqual({ strength: 1 });
		expect(await pullOf(planOf(1, { examples: [], samples: 9 }), contextOf(), never)).toBe(
			undefined,
		);
	});
});

test('a round pulled by importance forgets less of the old answer than one pulled alike as strongly', async () => {
	const row = { batch: 1, length: 5, tokens: Int32Array.of(3, 4, 5, 6, 7) };
	const likelihoodAfter = async (plan: TrainPlan): Promise<number> => {
		const { trainer: state } = await carryOut(plan, contextOf());
		const trainer = await open();
		if (state) await trainer.restore(state);
		return (await trainer.logprobs(row)).slice(1).reduce((sum, value) => sum + value, 0);
	};
	const before = await (await open()).logprobs(row);
	const known = before.slice(1).reduce((sum, value) => sum + value, 0);
	const free = known - (await likelihoodAfter(planOf(0)));
	const elastic = known - (await likelihoodAfter(planOf(1, { examples: [old], samples: 1 })));
	expect(free).toBeGreaterThan(0.5);
	expect(elastic).toBeLessThan(0.7 * free);
});

describe('the knob', () => {
	const knobs = { ...defaultsOf(regularization.knobs), pull: 0.5, pullBy: 'fisher' } as const;
	const past = [keptExperience(someTask(10, 'training'), 1)];
	const refined = [keptExperience(someTask(11, 'training'), 2)];
	const made = (over: Partial<Parameters<typeof regularization.create>[0]> = {}) =>
		trainingOf(
			regularization.create({ ...knobs, ...over })(
				startPlan(refined, addition),
				refined,
				testWorld({ past: () => past }).context({ t: 2 }),
			),
		);

	test('brings the first lessons and what was kept since, but not this round', async () => {
		const { importance } = (await made({ fisherSamples: 7 })).optimizer;
		expect(importance?.samples).toBe(7);
		const difficulties = new Set(importance?.examples.map(({ difficulty }) => difficulty));
		expect([...difficulties]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10]);
	});

	test('is nothing without a pull, or where all weights are pulled alike', async () => {
		expect((await made({ pull: 0 })).optimizer).not.toHaveProperty('importance');
		expect((await made({ pullBy: 'equal' })).optimizer).not.toHaveProperty('importance');
	});

	test('may not look at a held-out problem either', async () => {
		const plan = await made();
		expect(() => assertSealed(plan, addition, [...past, ...refined])).not.toThrow();
		const { item, difficulty } = someTask(9, 'held-out');
		const leak = { kind: 'answer', item, difficulty, answer: '0' } as const;
		const importance = { examples: [leak], samples: 1 };
		const leaking = { ...plan, optimizer: { ...plan.optimizer, importance } };
		expect(examplesIn(leaking)).not.toContain(leak);
		expect(examplesSeenBy(leaking)).toContain(leak);
		expect(() => assertSealed(leaking, addition, [])).toThrow('held-out');
	});
});
