/** @file Training of a policy: what it reports beside the loss, and what holds the weights. */
import { expect, test } from 'vitest';
import { carryOut } from '#loop/3-update/carry-out.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import type { TrainPlan } from '#loop/plan.ts';
import { openGradientTrainer } from '#training/gradient-trainer.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { loadTransformerFixture } from '../../fixtures/transformer/load.ts';
import { trainerLog } from '../tiny-trainer.ts';
import { addition, keptExperience, someTask, testWorld } from '../world.ts';

const start = startPlan([keptExperience(someTask(9, 'training'))], addition);
const plan: TrainPlan = {
	...start,
	optimizer: { ...start.optimizer, average: 0.9 },
	budget: { steps: 4, batch: 4 },
};

test('reports what the objective and its penalties measure, and nothing where they measure nothing', async () => {
	const at = testWorld();
	await carryOut(plan, at.context());
	const kl = { name: 'kl', coefficient: 1, estimator: 'k3' } as const;
	await carryOut({ ...plan, penalties: [kl] }, at.context({ t: 2 }));
	const metrics = at.reports.flatMap((one) => (one.kind === 'trained' ? [one.metrics] : []));
	// The tiny trainer says 0 of every token, so policy and reference are the same.
	const none = Array.from({ length: 4 }, () => undefined);
	expect(metrics).toEqual([...none, ...none.map(() => ({ kl: 0 }))]);
});

test('a pull holds the weights where training began, and 0 is none', async () => {
	const { spec, weights } = await loadTransformerFixture('llama-gqa');
	const openTrainer = openGradientTrainer(spec, weights, tfjsGradients({ backend: 'cpu' }));
	const world = { ...testWorld().world, openTrainer };
	const tokens = { prompt: [3, 4], completion: [5, 6, 7] };
	const said = { kind: 'text', difficulty: 9, prompt: '', completion: '', tokens } as const;
	const moved = async (pull: number) => {
		const { trainer } = await carryOut(
			{
				...plan,
				mixture: [{ name: 'newest', share: 1, examples: [said] }],
				parameters: { kind: 'lora', rank: 2, alpha: 4, targets: ['q_proj'] },
				optimizer: { ...plan.optimizer, average: 0, clip: 0, warmup: 0, pull },
				budget: { steps: 8, batch: 1 },
			},
			testWorld().context({ world }),
		);
		const up = [...(trainer?.tensors ?? [])].filter(([name]) => /^parameter.*lora_B/.test(name));
		// They begin at 0.
		return Math.hypot(...up.flatMap(([, { data }]) => [...data]));
	};
	expect(await moved(1000)).toBeLessThan(0.8 * (await moved(0)));
	await carryOut(plan, testWorld().context());
	const opened = trainerLog.findLast((entry) => entry.kind === 'open');
	expect(opened).toMatchObject({ optimizer: { average: 0.9 } });
	expect(opened).not.toHaveProperty('optimizer.pull');
});

test('an elastic reset goes on from the average, which begins anew at the first weights; without it nothing is reset', async () => {
	const first = await trained();
	const again = await trained({ elastic: true });
	// The answer is the average either way.
	expect(again.adapter?.tensors).toEqual(first.adapter?.tensors);
	const part = (policy: typeof first, kind: string) => policy.trainer?.tensors.get(`${kind}/${up}`);
	expect(part(again, 'parameter')).toEqual(part(first, 'average'));
	expect(part(again, 'parameter')).not.toEqual(part(first, 'parameter'));
	expect(part(again, 'average')?.data).toEqual(new Float32Array(64).fill(0.01));
	expect(part(again, 'first')).toEqual(part(first, 'first'));
});

const up = 'model.layers.0.mlp.up_proj.lora_A.weight';
const trained = (optimizer: Partial<TrainPlan['optimizer']> = {}) =>
	carryOut({ ...plan, optimizer: { ...plan.optimizer, ...optimizer } }, testWorld().context());
