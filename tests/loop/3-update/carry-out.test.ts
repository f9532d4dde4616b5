/** @file Carrying out a plan: where training begins, what it reports, and that it is exact. */
import { beforeEach, describe, expect, test } from 'vitest';
import { carryOut } from '#loop/3-update/carry-out.ts';
import { learningRateAt } from '#loop/3-update/train-policy.ts';
import { policyId } from '#loop/policy/policy-id.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { basePolicy, childOf } from '#loop/policy/policy.ts';
import type { TrainPlan } from '#loop/plan.ts';
import type { Progress } from '#loop/types.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { loadTransformerFixture } from '../../fixtures/transformer/load.ts';
import { trainerLog } from '../tiny-trainer.ts';
import { addition, keptExperience, someTask, startOf, testWorld } from '../world.ts';

const start = startPlan([keptExperience(someTask(9, 'training'))], addition);
const plan: TrainPlan = {
	...start,
	optimizer: { ...start.optimizer, average: 0.9 },
	budget: { steps: 4, batch: 4 },
};
const kinds = () => trainerLog.map((entry) => entry.kind).filter((kind) => kind !== 'step');
const opened = () => trainerLog.findLast((entry) => entry.kind === 'open');

beforeEach(() => {
	trainerLog.length = 0;
});

describe('a plan carried out', () => {
	test('trains its steps, reports each, and lets the trainer go', async () => {
		const at = testWorld();
		const policy = await carryOut(plan, at.context());
		const reports = at.reports.filter((report) => report.kind === 'trained');
		expect(reports.map((report) => [report.step, report.steps])).toEqual([
			[1, 4],
			[2, 4],
			[3, 4],
			[4, 4],
		]);
		expect(kinds()).toEqual(['open', 'dispose']);
		expect(policy.id).toBe(policyId(startOf(addition).model, policy.adapter));
		expect(policy.trainer?.steps).toBe(4);
	});

	test('the average of the weights answers where there is one, training goes on from the last', async () => {
		const weights = (p: Awaited<ReturnType<typeof carryOut>>) =>
			[...(p.adapter?.tensors.values() ?? [])][0]?.data;
		const averaged = await carryOut(plan, testWorld().context());
		const last = await carryOut(
			{ ...plan, optimizer: { ...plan.optimizer, average: 0 } },
			testWorld().context(),
		);
		expect(weights(averaged)).not.toEqual(weights(last));
		const parameter = (p: typeof last) =>
			[...(p.trainer?.tensors ?? [])].find(([name]) => name.startsWith('parameter/'))?.[1].data;
		expect(parameter(averaged)).toEqual(parameter(last));
	});

	test('two rounds of two are exactly as one trainer that was never put down', async () => {
		const at = testWorld();
		const first = await carryOut(plan, at.context());
		const second = await carryOut(plan, at.context({ t: 2, policy: first }));
		const again = await carryOut(plan, at.context({ t: 2, policy: structuredClone(first) }));
		expect(again).toEqual(second);
		expect(second.trainer?.steps).toBe(8);
		expect(second.id).not.toBe(first.id);
	});

	test('no examples, no training: the policy stays', async () => {
		const context = testWorld().context();
		const empty = { ...plan, mixture: [{ name: 'newest', share: 1, examples: [] }] };
		expect(await carryOut(empty, context)).toBe(context.policy);
		expect(trainerLog).toEqual([]);
	});

	test('a stop ends it between two steps and lets the trainer go', async () => {
		const controller = new AbortController();
		const at = testWorld({ signal: controller.signal });
		const world = { ...at.world, report: () => controller.abort(new Error('enough')) };
		await expect(carryOut(plan, at.context({ world }))).rejects.toThrow('enough');
		expect(trainerLog.filter((entry) => entry.kind === 'step')).toHaveLength(1);
		expect(kinds()).toEqual(['open', 'dispose']);
	});
});

describe('where training begins', () => {
	const trained = () => carryOut(plan, testWorld().context());
	const next = async (over: Partial<TrainPlan>) => {
		const policy = await trained();
		trainerLog.length = 0;
		return carryOut({ ...plan, ...over }, testWorld().context({ t: 2, policy }));
	};

	test('goes on from the last round, moments and all', async () => {
		expect((await next({})).trainer?.steps).toBe(8);
		expect(kinds()).toEqual(['open', 'restore', 'dispose']);
	});

	test('restart forgets the last round', async () => {
		expect((await next({ restart: true })).trainer?.steps).toBe(4);
		expect(kinds()).toEqual(['open', 'dispose']);
		expect(opened()).toMatchObject({ started: false });
	});

	test('without the optimizer only the weights go on', async () => {
		await next({ carryOptimizer: false });
		expect(kinds()).toEqual(['open', 'dispose']);
		expect(opened()).toMatchObject({ started: true });
	});

	test('other parameters start from what the last policy answers with', async () => {
		await next({ parameters: { kind: 'full' } });
		expect(kinds()).toEqual(['open', 'dispose']);
		expect(opened()).toMatchObject({ started: true });
	});

	test('a state that does not fit does not leave a trainer open', async () => {
		const at = testWorld();
		const policy = await trained();
		trainerLog.length = 0;
		const world = {
			...at.world,
			openTrainer: async (...asked: Parameters<typeof at.world.openTrainer>) => ({
				...(await at.world.openTrainer(...asked)),
				restore: () => Promise.reject(new Error('does not fit')),
			}),
		};
		await expect(carryOut(plan, at.context({ world, t: 2, policy }))).rejects.toThrow('fit');
		expect(kinds()).toEqual(['open', 'dispose']);
	});
});

describe('a reference', () => {
	const compared = (reference: 'round' | 'base'): TrainPlan => ({
		...plan,
		penalties: [{ name: 'kl', coefficient: 1, estimator: 'k3' }],
		reference,
	});

	test('is asked about every batch before the first step, and closed before the trainer opens', async () => {
		const policy = await carryOut(plan, testWorld().context());
		trainerLog.length = 0;
		await carryOut(compared('round'), testWorld().context({ t: 2, policy }));
		expect(kinds()).toEqual(['open', 'dispose', 'open', 'restore', 'dispose']);
		expect(trainerLog[0]).toMatchObject({ started: true });
		trainerLog.length = 0;
		await carryOut(compared('base'), testWorld().context({ t: 2, policy }));
		expect(trainerLog[0]).toMatchObject({ kind: 'open', started: false });
	});

	test('is told apart by its weights: the policy it began with is at no distance at first', async () => {
		const { spec, weights } = await loadTransformerFixture('llama-gqa');
		const open = openGradientTrainer(spec, weights, tfjsGradients({ backend: 'cpu' }));
		const losses = async (reference: 'round' | 'base') => {
			const at = testWorld();
			const world = { ...at.world, openTrainer: open };
			const tokens = { prompt: [3, 4], completion: [5, 6, 7] };
			const said = { kind: 'text', difficulty: 9, prompt: '', completion: '', tokens } as const;
			const training: TrainPlan = {
				...compared(reference),
				mixture: [{ name: 'newest', share: 1, examples: [said] }],
				parameters: { kind: 'lora', rank: 2, alpha: 4, targets: ['q_proj', 'v_proj'] },
				optimizer: { ...plan.optimizer, learningRate: 0.1, average: 0, warmup: 0 },
				budget: { steps: 3, batch: 2 },
			};
			const policy = await carryOut({ ...training, penalties: [] }, at.context({ world }));
			const seen: number[] = [];
			const report = (progress: Progress) => {
				if (progress.kind === 'trained') seen.push(progress.report.loss);
			};
			await carryOut(training, at.context({ t: 2, policy, world: { ...world, report } }));
			const plain: number[] = [];
			const note = (progress: Progress) => {
				if (progress.kind === 'trained') plain.push(progress.report.loss);
			};
			const rest = { ...training, penalties: [] };
			await carryOut(rest, at.context({ t: 2, policy, world: { ...world, report: note } }));
			return (seen[0] ?? NaN) - (plain[0] ?? NaN);
		};
		expect(Math.abs(await losses('round'))).toBeLessThan(1e-5);
		expect(await losses('base')).toBeGreaterThan(1e-2);
	});
});

describe('a merge', () => {
	test('is a new policy without moments, from which the next training starts', async () => {
		const { context } = testWorld();
		const tensors = (value: number) =>
			new Map([
				[
					'model.layers.0.mlp.up_proj.lora_A.weight',
					{ shape: [1, 64], data: new Float32Array(64).fill(value) },
				],
			]);
		const adapter = (value: number) => ({ parameters: plan.parameters, tensors: tensors(value) });
		const policy = childOf(basePolicy(startOf(addition).model), { adapter: adapter(1) });
		const merged = await carryOut(
			{
				kind: 'merge',
				method: { name: 'linear' },
				parts: [
					{ policy: 'round', weight: 0.25 },
					{ policy: adapter(3), weight: 0.25 },
				],
			},
			context({ policy }),
		);
		expect(merged.adapter?.tensors.values().next().value?.data[0]).toBe(2);
		expect(merged.trainer).toBeNull();
		expect(merged.parents).toEqual([policy.id]);
		expect(merged.id).toBe(policyId(startOf(addition).model, merged.adapter));
		expect(trainerLog).toEqual([]);
		await carryOut(plan, context({ t: 2, policy: merged }));
		expect(opened()).toMatchObject({ started: true });
		const empty = {
			kind: 'merge',
			method: { name: 'cat' },
			parts: [{ policy: 'round', weight: 1 }],
		} as const;
		await expect(carryOut(empty, context())).rejects.toThrow('no adapter to merge');
	});
});

describe('the learning rate', () => {
	const at = (steps: number, over: Partial<TrainPlan['optimizer']>): TrainPlan => ({
		...plan,
		optimizer: { ...plan.optimizer, warmup: 0, learningRate: 1, ...over },
		budget: { steps, batch: 4 },
	});
	const rates = (over: Partial<TrainPlan['optimizer']>) => {
		const full = at(11, over);
		return Array.from({ length: 11 }, (_, step) => learningRateAt(full, step));
	};
	test('rises in equal steps, then stays', () => {
		expect(rates({ warmup: 4 }).slice(0, 6)).toBeAllclose([0.25, 0.5, 0.75, 1, 1, 1]);
	});
	test('is to the last bit what recorded runs learnt with', () => {
		const recorded = ({ optimizer, budget: { steps } }: TrainPlan, step: number): number => {
			const { schedule, learningRate, warmup } = optimizer;
			if (step < warmup) return (learningRate * (step + 1)) / warmup;
			const part = (step - warmup) / Math.max(1, steps - 1 - warmup);
			if (schedule === 'constant') return learningRate;
			return schedule === 'cosine'
				? learningRate * (0.1 + 0.45 * (1 + Math.cos(Math.PI * part)))
				: learningRate * (1 - 0.9 * part);
		};
		for (const schedule of ['constant', 'cosine', 'linear'] as const)
			for (const learningRate of [1, 2e-3, 3.7e-4])
				for (const [steps, warmup] of [
					[1, 0],
					[7, 9],
					[11, 10],
					[150, 10],
					[97, 0],
				] as const) {
					const full = at(steps, { schedule, learningRate, warmup });
					for (let step = 0; step < steps; step++)
						expect(learningRateAt(full, step)).toBe(recorded(full, step));
				}
	});
	test('falls to a tenth by a line or a cosine', () => {
		expect(rates({ schedule: 'linear' })).toBeAllclose(
			Array.from({ length: 11 }, (_, i) => 1 - 0.09 * i),
		);
		const cosine = rates({ schedule: 'cosine' });
		expect([cosine[0], cosine[5], cosine[10]].map((rate) => rate ?? NaN)).toBeAllclose([
			1, 0.55, 0.1,
		]);
		expect(cosine).toEqual(cosine.toSorted((a, b) => b - a));
	});
});
