/** @file Regularization: only what it names is amended. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { addition, testWorld } from '../../world.ts';

test('sets the average, the decay and the pull, and leaves the rest of the plan as it was', async () => {
	const at = testWorld();
	const plan = startPlan([], addition);
	const knobs = {
		...defaultsOf(regularization.knobs),
		average: 0.9,
		weightDecay: 0.05,
		pull: 0.1,
	} as const;
	const cell = regularization.create(knobs);
	expect(await cell(plan, [], at.context())).toEqual({
		...plan,
		optimizer: { ...plan.optimizer, average: 0.9, weightDecay: 0.05, pull: 0.1 },
	});
	expect(at.reports).toMatchObject([{ kind: 'step', phase: 'update' }]);
});

test('adds a KL penalty to the reference it names, and none at 0', async () => {
	const plan = startPlan([], addition);
	const knobs = {
		...defaultsOf(regularization.knobs),
		klCoefficient: 0.2,
		klReference: 'base',
	} as const;
	const amended = await regularization.create(knobs)(plan, [], testWorld().context());
	expect(amended).toMatchObject({
		penalties: [{ name: 'kl', coefficient: 0.2, estimator: 'k3' }],
		reference: 'base',
	});
	const merge = { kind: 'merge', method: { name: 'cat' }, parts: [] } as const;
	expect(await regularization.create(knobs)(merge, [], testWorld().context())).toBe(merge);
});

test('resets only where there is an average to go on from', async () => {
	const plan = startPlan([], addition);
	const elasticOf = async (average: number) => {
		const knobs = { ...defaultsOf(regularization.knobs), average, elastic: true } as const;
		const amended = await regularization.create(knobs)(plan, [], testWorld().context());
		return amended.kind === 'train' && amended.optimizer.elastic;
	};
	expect(await elasticOf(0.9)).toBe(true);
	expect(await elasticOf(0)).toBeUndefined();
});
