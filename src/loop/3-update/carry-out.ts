/** @file Carries a plan out: the trainer goes on where the last round left it, learns, and a new policy is named. */
import { derive, random } from '#base/random.ts';
import { learningRate } from '#base/schedule.ts';
import { sameParameters, type Adapter } from '#model/adapter.ts';
import type { Context, Plan, Policy } from '#loop/types.ts';
import { supervised } from '#objectives/supervised.ts';
import { pack } from '#training/data/pack.ts';
import { train } from '#training/train.ts';
import type { Trainer, TrainerState } from '#training/trainer.ts';
import { compose } from './compose.ts';
import { policyId } from './policy-id.ts';

/** Mᵗ⁺¹. A plan without examples changes nothing. All randomness comes from the seed, the round and the step. */
export async function carryOut(plan: Plan, context: Context): Promise<Policy> {
	const { world, t, policy } = context;
	const learns = plan.pools.some((pool) => pool.share > 0 && pool.examples.length > 0);
	if (!learns || plan.steps < 1) return policy;
	world.signal.throwIfAborted();
	const trainer = await openFor(plan, context);
	try {
		const draw = (step: number) =>
			pack(compose(plan, world, random(derive(world.seed, 'batch', t, step))), {
				padToken: world.tokenizer.padToken,
			});
		await train(trainer, draw, supervised, {
			steps: plan.steps,
			learningRate: (step) => learningRateAt(plan, step),
			signal: world.signal,
			onStep: (report, step) =>
				world.report({ kind: 'trained', t, step, steps: plan.steps, report }),
		});
		world.signal.throwIfAborted();
		const adapter = trainer.adapter(plan.average > 0 ? 'average' : 'current');
		const id = policyId(world.environment.model, adapter);
		return { id, adapter, trainer: await trainer.state() };
	} finally {
		await trainer.dispose();
	}
}

/** Rises in `warmup` steps, then stays, or falls to a tenth by a cosine or a line. */
export const learningRateAt = (plan: Plan, step: number): number =>
	learningRate(
		{
			shape: plan.schedule,
			peak: plan.learningRate,
			steps: plan.steps,
			warmUp: plan.warmup,
			floor: 0.1,
		},
		step,
	);

async function openFor(plan: Plan, { world, t, policy }: Context): Promise<Trainer> {
	const seed = derive(world.seed, 'trainer', t);
	const optimizer = { weightDecay: plan.weightDecay, average: plan.average };
	const last = plan.restart ? null : policy.trainer;
	if (!last) return world.openTrainer(plan.parameters, optimizer, { seed });
	if (!sameParameters(last.parameters, plan.parameters)) {
		// A knob was turned: the new parameters start from what the last policy answers with.
		const start = policy.adapter ?? weightsOf(last);
		return world.openTrainer(plan.parameters, optimizer, { seed, start });
	}
	if (!plan.carryOptimizer)
		return world.openTrainer(plan.parameters, optimizer, { seed, start: weightsOf(last) });
	const trainer = await world.openTrainer(plan.parameters, optimizer, { seed });
	try {
		await trainer.restore(last);
	} catch (error) {
		await trainer.dispose();
		throw error;
	}
	return trainer;
}

/** The weights of a state as trained, without moments and average. */
function weightsOf({ parameters, tensors }: TrainerState): Adapter {
	const prefix = 'parameter/';
	const weights = [...tensors].filter(([key]) => key.startsWith(prefix));
	return {
		parameters,
		tensors: new Map(weights.map(([key, tensor]) => [key.slice(prefix.length), tensor])),
	};
}
