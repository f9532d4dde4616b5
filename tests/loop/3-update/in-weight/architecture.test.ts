/** @file Architecture: which parameters learn, how long, from where. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { architecture } from '#loop/3-update/in-weight/architecture.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import { loraTargets } from '#model/adapter.ts';
import { addition, testWorld, trainingOf } from '../../world.ts';

type Knobs = Parameters<typeof architecture.create>[0];
const defaults: Knobs = defaultsOf(architecture.knobs);
const plan = startPlan([], addition);
const amend = (over: Partial<Knobs>, t = 1) =>
	trainingOf(architecture.create({ ...defaults, ...over })(plan, [], testWorld().context({ t })));

test('a LoRA reaches every linear module of a block; full names none', async () => {
	expect((await amend({ rank: 4, alpha: 8 })).parameters).toEqual({
		kind: 'lora',
		rank: 4,
		alpha: 8,
		targets: loraTargets,
	});
	expect((await amend({ trains: 'full' })).parameters).toEqual({ kind: 'full' });
	expect((await amend({ topShare: 0.4 })).topShare).toBe(0.4);
	expect(await amend({ trains: 'full', topShare: 0.4 })).not.toHaveProperty('topShare');
});

test('steps grow from round to round', async () => {
	const steps = await Promise.all(
		[1, 2, 3].map(async (t) => (await amend({ steps: 100, stepGrowth: 1.2 }, t)).budget.steps),
	);
	expect(steps).toEqual([100, 120, 144]);
});

test('passes on how to train and where to begin, and leaves mixture and average alone', async () => {
	const how = { learningRate: 1e-3, warmup: 3, schedule: 'cosine' } as const;
	const from = { restart: true, carryOptimizer: false } as const;
	const amended = await amend({ ...how, ...from, batch: 32, steps: 70 });
	expect(amended).toEqual({
		...plan,
		...from,
		parameters: amended.parameters,
		optimizer: { ...plan.optimizer, ...how },
		budget: { steps: 70, batch: 32 },
	});
});
