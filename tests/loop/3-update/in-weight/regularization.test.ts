/** @file Regularization: only what it names is amended. */
import { expect, test } from 'vitest';
import { regularization } from '#loop/3-update/in-weight/regularization.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { addition, testWorld } from '../../world.ts';

test('sets the average and the decay, and leaves the rest of the plan as it was', async () => {
	const at = testWorld();
	const plan = startPlan([], addition);
	const cell = regularization.create({ average: 0.9, weightDecay: 0.05 });
	expect(await cell(plan, [], at.context())).toEqual({ ...plan, average: 0.9, weightDecay: 0.05 });
	expect(at.reports).toMatchObject([{ kind: 'step', phase: 'update' }]);
});
