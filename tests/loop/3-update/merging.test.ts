/** @file Merging over rounds: which adapters are averaged, what answers, and what training goes on from. */
import { describe, expect, test } from 'vitest';
import { defaultsOf, type KnobValues } from '#base/knobs.ts';
import { carryOut } from '#loop/3-update/carry-out.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { mergedOver, mergeKnobs } from '#loop/3-update/merging.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { examplesIn, type MergePlan, type TrainPlan } from '#loop/plan.ts';
import { basePolicy, childOf, type Policy } from '#loop/policy/policy.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import { mergedTensors } from '#model/checkpoint/merge.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { loadTransformerFixture } from '../../fixtures/transformer/load.ts';
import { addition, keptExperience, someTask, testWorld } from '../world.ts';

const refined = [keptExperience(someTask(9, 'training'))];
const start = startPlan(refined, addition);
const tokens = { prompt: [3, 4], completion: [5, 6, 7] };
const said = { kind: 'text', difficulty: 9, prompt: '', completion: '', tokens } as const;
const plan: TrainPlan = {
	...start,
	mixture: [{ name: 'newest', share: 1, examples: [said] }],
	parameters: { kind: 'lora', rank: 2, alpha: 4, targets: ['q_proj', 'v_proj'] },
	optimizer: { ...start.optimizer, learningRate: 0.05, warmup: 0 },
	budget: { steps: 2, batch: 1 },
};

const merging = (mergeRounds: number, by: Partial<KnobValues<typeof mergeKnobs>> = {}) => ({
	...defaultsOf(mergeKnobs),
	mergeRounds,
	...by,
});

/** Rounds on a real model of a few thousand weights. */
async function rounds(
	count: number,
	over: number,
	training: TrainPlan | ((t: number) => TrainPlan) = plan,
	by: Partial<KnobValues<typeof mergeKnobs>> = {},
) {
	const { spec, weights } = await loadTransformerFixture('llama-gqa');
	const openTrainer = openGradientTrainer(spec, weights, tfjsGradients({ backend: 'cpu' }));
	const policies: Policy[] = [];
	let policy = basePolicy('tiny');
	for (let t = 1; t <= count; t++) {
		const at = testWorld();
		// The tokens of first lessons are not those of this model.
		const { lessons: _lessons, ...world } = at.world;
		const context = at.context({ t, policy, world: { ...world, openTrainer } });
		const own = typeof training === 'function' ? training(t) : training;
		policy = await carryOut(await mergedOver(merging(over, by), own, context), context);
		policies.push(policy);
	}
	return { policies, weights };
}

/** The weights of the base model with an adapter applied. */
const applied = (base: Adapter['tensors'], adapter: Adapter | null | undefined) =>
	!adapter || adapter.parameters.kind === 'full'
		? (adapter?.tensors ?? base)
		: mergedTensors(base, adapter.parameters, adapter.tensors);

function expectMean(
	base: Adapter['tensors'],
	merged: Adapter | null | undefined,
	parts: readonly (Adapter | null | undefined)[],
): void {
	const all = parts.map((part) => applied(base, part));
	for (const [name, { data }] of applied(base, merged))
		expect(data, name).toBeAllclose(
			[...data.keys()].map(
				(i) => all.reduce((sum, one) => sum + (one.get(name)?.data[i] ?? NaN), 0) / all.length,
			),
			{ relative: 1e-4, absolute: 1e-6 },
		);
}

describe('merging over rounds', () => {
	test('answers with the exact mean of the last rounds, as if their weights were averaged', async () => {
		const { policies: alone, weights } = await rounds(4, 1);
		const { policies } = await rounds(4, 3);
		const [first, second, third, fourth] = alone.map(({ adapter }) => adapter);
		expectMean(weights, policies[1]?.adapter, [first, second]);
		expectMean(weights, policies[2]?.adapter, [first, second, third]);
		expectMean(weights, policies[3]?.adapter, [second, third, fourth]);
		expect(policies.map(({ adapter }) => adapter?.parameters)).toMatchObject([
			{ rank: 2 },
			{ rank: 4 },
			{ rank: 6 },
			{ rank: 6 },
		]);
	});

	test('training goes on from its own last weights, moments and all', async () => {
		const { policies: alone } = await rounds(3, 1);
		const { policies } = await rounds(3, 2);
		expect(policies.map(({ trainer }) => trainer)).toEqual(alone.map(({ trainer }) => trainer));
		expect(policies.map(({ trained }) => trained?.length)).toEqual([1, 1, 1]);
		expect(policies[2]?.parents).toEqual([policies[1]?.id]);
	});

	test('interpolates sets of all weights', async () => {
		const full: TrainPlan = { ...plan, parameters: { kind: 'full' } };
		const { policies: alone, weights } = await rounds(2, 1, full);
		const { policies } = await rounds(2, 2, full);
		expectMean(
			weights,
			policies[1]?.adapter,
			alone.map(({ adapter }) => adapter),
		);
		expect(policies[1]?.adapter?.parameters).toEqual({ kind: 'full' });
	});

	test('leaves out what cannot be merged, such as a LoRA once all weights learn', async () => {
		const adapter: Adapter = { parameters: plan.parameters, tensors: new Map() };
		const policy = childOf(basePolicy('tiny'), { adapter });
		const context = testWorld().context({ policy });
		const made = await mergedOver(merging(2), { ...plan, parameters: { kind: 'full' } }, context);
		expect(made).toMatchObject({ kind: 'merge', parts: [{ weight: 1 }] });
		expect(await mergedOver(merging(2), plan, context)).toMatchObject({
			method: { name: 'cat' },
			parts: [{ policy: adapter, weight: 0.5 }, { weight: 0.5 }],
		});
	});

	test('changes nothing if there was nothing to learn', async () => {
		const nothing = { ...plan, mixture: [{ name: 'newest', share: 1, examples: [] }] };
		const { context } = testWorld();
		const { policy } = context();
		const unlearnt = await mergedOver(merging(2), nothing, context());
		expect(await carryOut(unlearnt, context())).toBe(policy);
	});
});

describe('other ways to merge', () => {
	/** Each round begins anew, and learns something else. */
	const anew =
		(parameters: TrainPlan['parameters']) =>
		(t: number): TrainPlan => {
			const other = { ...said, tokens: { prompt: [3, 4], completion: [5 + t, 6 + t, 7 - t] } };
			const mixture = [{ name: 'newest', share: 1, examples: [other] }];
			return { ...plan, parameters, mixture, restart: true, carryOptimizer: false };
		};
	const full = anew({ kind: 'full' });

	test('sum: the base model and the scaled changes of each round (task arithmetic), of a LoRA exactly', async () => {
		for (const training of [full, anew(plan.parameters)]) {
			const { policies: alone, weights } = await rounds(2, 1, training);
			const { policies } = await rounds(2, 2, training, { mergeBy: 'sum', mergeScale: 0.7 });
			const [one, two] = alone.map(({ adapter }) => applied(weights, adapter));
			for (const [name, { data }] of applied(weights, policies[1]?.adapter)) {
				const base = weights.get(name)?.data;
				const changed = (of: typeof one, i: number) =>
					(of?.get(name)?.data[i] ?? NaN) - (base?.[i] ?? NaN);
				expect(data, name).toBeAllclose(
					[...data.keys()].map((i) => (base?.[i] ?? 0) + 0.7 * (changed(one, i) + changed(two, i))),
					{ relative: 1e-4, absolute: 1e-6 },
				);
			}
		}
	});

	test('ties: of changes that differ in sign, only those of the stronger one count', async () => {
		const { policies: alone, weights } = await rounds(2, 1, full);
		const by = { mergeBy: 'ties', mergeDensity: 1 } as const;
		const { policies } = await rounds(2, 2, full, by);
		const changes = alone.map(({ adapter }) => applied(weights, adapter));
		let against = 0;
		for (const [name, { data }] of applied(weights, policies[1]?.adapter)) {
			const base = weights.get(name)?.data;
			const expected = [...data.keys()].map((i) => {
				const own = changes.map((of) => (of.get(name)?.data[i] ?? NaN) - (base?.[i] ?? NaN));
				const sign = own.reduce((sum, x) => sum + x, 0) >= 0 ? 1 : -1;
				const agreeing = own.filter((x) => Math.sign(x) === sign);
				against += Number(agreeing.length < own.filter((x) => x !== 0).length);
				const mean = agreeing.reduce((sum, x) => sum + x, 0) / Math.max(1, agreeing.length);
				return (base?.[i] ?? 0) + mean;
			});
			expect(data, name).toBeAllclose(expected, { relative: 1e-4, absolute: 1e-6 });
		}
		expect(against).toBeGreaterThan(0);
	});

	test('dare: a part of the changes is left out, another one each round, the same for the same seed', async () => {
		const by = { mergeBy: 'dare', mergeDensity: 0.5 } as const;
		const { policies, weights } = await rounds(2, 2, full, by);
		const again = await rounds(2, 2, full, by);
		expect(policies.map(({ id }) => id)).toEqual(again.policies.map(({ id }) => id));
		const untouched = (policy: Policy | undefined) =>
			[...applied(weights, policy?.adapter)].flatMap(([name, { data }]) =>
				[...data.keys()].map((i) => data[i] === weights.get(name)?.data[i]),
			);
		const [first, second] = policies.map(untouched);
		const share = (of: readonly boolean[] = []) => of.filter(Boolean).length / of.length;
		// One change at half, then two of which a quarter of the places has neither.
		expect(share(first)).toBeGreaterThan(0.45);
		expect(share(second)).toBeLessThan(0.35);
		expect(second).not.toEqual(first);
	});

	test('evolved: the mean whose weights make known answers likeliest, the same for the same seed', async () => {
		for (const training of [full, anew(plan.parameters)]) {
			const { policies: alone, weights } = await rounds(2, 1, training);
			const by = { mergeBy: 'evolved', mergeTries: 12 } as const;
			const { policies } = await rounds(2, 2, training, by);
			const again = await rounds(2, 2, training, by);
			expect(policies.map(({ id }) => id)).toEqual(again.policies.map(({ id }) => id));
			const [one, two] = alone.map(({ adapter }) => applied(weights, adapter));
			const parts = [...applied(weights, policies[1]?.adapter)].flatMap(([name, { data }]) =>
				[...data].flatMap((value, i) => {
					const [a = 0, b = 0] = [one, two].map((of) => of?.get(name)?.data[i]);
					return Math.abs(b - a) > 1e-2 ? [(value - a) / (b - a)] : [];
				}),
			);
			// Nothing but what the second round learnt judges here, so its part is the larger one.
			const [part = 0] = parts;
			expect(parts.length).toBeGreaterThan(10);
			expect(part).toBeGreaterThan(0.6);
			expect(part).toBeLessThanOrEqual(1 + 1e-3);
			for (const other of parts) expect(other).toBeCloseTo(part, 2);
		}
	});

	test('of LoRAs of other ranks only what concatenates makes one', async () => {
		const adapter: Adapter = {
			parameters: { kind: 'lora', rank: 4, alpha: 4, targets: ['q_proj', 'v_proj'] },
			tensors: new Map(),
		};
		const context = testWorld().context({ policy: childOf(basePolicy('tiny'), { adapter }) });
		const partsOf = async (mergeBy: 'mean' | 'ties' | 'evolved') => {
			const { parts } = (await mergedOver(merging(2, { mergeBy }), plan, context)) as MergePlan;
			return parts.length;
		};
		expect([await partsOf('mean'), await partsOf('evolved'), await partsOf('ties')]).toEqual([
			2, 2, 1,
		]);
	});
});

test('the knob makes a plan that merges, over the same examples; at 1 it is the plan of before', async () => {
	const { context } = testWorld();
	const made = (mergeRounds: number) =>
		architecture.create({ ...defaultsOf(architecture.knobs), mergeRounds })(
			start,
			refined,
			context(),
		);
	const plain = await made(1);
	expect(plain).toMatchObject({ kind: 'train', parameters: { targets: loraTargets } });
	const merging = await made(3);
	expect(merging).toMatchObject({ kind: 'merge', parts: [{ policy: plain, weight: 1 }] });
	expect(examplesIn(merging)).toEqual(examplesIn(plain));
});
