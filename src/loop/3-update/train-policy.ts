/** @file Training of a policy by a plan: the trainer goes on where the last round left it and learns. */
import { derive, random } from '#base/random.ts';
import { learningRate } from '#base/schedule.ts';
import { sameParameters, type Adapter } from '#model/adapter.ts';
import { addPenalties } from '#objectives/objective.ts';
import { openObjective, openPenalty } from '#objectives/registry.ts';
import type { TrainPlan } from '#loop/plan.ts';
import { childOf, type Policy } from '#loop/policy/policy.ts';
import { referenceOf } from '#loop/policy/reference.ts';
import type { Context } from '#loop/types.ts';
import { pack, type SampleBatch } from '#training/data/pack.ts';
import { train, type Weigher } from '#training/train.ts';
import type { PullOptions, Trainer, TrainerState } from '#training/trainer.ts';
import { drawExamples, learns } from './compose.ts';
import type { Drawn } from './watch.ts';
import { elasticReset, firstWeights } from './elastic-reset.ts';
import { pullOf } from './importance.ts';

/** The policy after the plan's steps; the same one if there is nothing to learn from. */
export async function trainPolicy(plan: TrainPlan, context: Context): Promise<Policy> {
	const { world, t, policy } = context;
	const { steps } = plan.budget;
	if (!learns(plan) || steps < 1) return policy;
	world.signal.throwIfAborted();
	const objective = addPenalties(openObjective(plan.objective), plan.penalties.map(openPenalty));
	// Drawn by seed, round and step alone: a batch can be drawn twice.
	const drawnIn = (step: number) =>
		drawExamples(plan, world, random(derive(world.seed, 'batch', t, step)));
	const samplesOf = (drawn: readonly Drawn[]) => drawn.flatMap(({ samples }) => samples);
	const reference = objective.needs.includes('reference')
		? await referenceOf(plan, context, (step) => samplesOf(drawnIn(step)))
		: undefined;
	const pull = await pullOf(plan, context, () => openFor(plan, context));
	const first = plan.optimizer.elastic ? await firstWeights(plan, context) : undefined;
	const trainer = await openFor(plan, context, pull);
	try {
		let at: { readonly step: number; readonly drawn: readonly Drawn[] } = { step: 0, drawn: [] };
		const draw = (step: number): SampleBatch => {
			at = { step: step + 1, drawn: drawnIn(step) };
			return pack(samplesOf(at.drawn), { padToken: world.tokenizer.padToken });
		};
		const watched: Weigher = {
			weigh: async (batch, ask) => {
				const weighed = await objective.weigh(batch, ask);
				world.watch?.({ t, ...at, batch, weighed });
				return weighed;
			},
		};
		await train(trainer, draw, watched, {
			steps,
			learningRate: (step) => learningRateAt(plan, step),
			signal: world.signal,
			...(reference && { reference }),
			onStep: (report, step, { loss: _, ...metrics }) =>
				world.report({
					...{ kind: 'trained', t, step, steps, report },
					...(Object.keys(metrics).length > 0 && { metrics }),
				}),
		});
		world.signal.throwIfAborted();
		const adapter = trainer.adapter(plan.optimizer.average > 0 ? 'average' : 'current');
		const state = await trainer.state();
		return childOf(policy, { adapter, trainer: first ? elasticReset(state, first) : state });
	} finally {
		await trainer.dispose();
	}
}

/** Rises in `warmup` steps, then stays, or falls to a tenth by a cosine or a line. */
export const learningRateAt = ({ optimizer, budget }: TrainPlan, step: number): number =>
	learningRate(
		{
			shape: optimizer.schedule,
			peak: optimizer.learningRate,
			steps: budget.steps,
			warmUp: optimizer.warmup,
			floor: 0.1,
		},
		step,
	);

async function openFor(
	plan: TrainPlan,
	{ world, t, policy }: Context,
	pull?: PullOptions,
): Promise<Trainer> {
	const seed = derive(world.seed, 'trainer', t);
	const { weightDecay, average, clip } = plan.optimizer;
	const optimizer = { weightDecay, average, clip, ...(pull && { pull }) };
	const open = (start: Adapter | null) =>
		world.openTrainer(plan.parameters, optimizer, {
			...{ seed, topShare: plan.topShare ?? 1 },
			...(start && { start }),
		});
	if (plan.restart) return open(null);
	const last = policy.trainer;
	// Without a state it is the base model, or a merge, which has no moments.
	if (!last) return open(policy.adapter);
	// A knob was turned: the new parameters start from what the last policy answers with.
	if (!sameParameters(last.parameters, plan.parameters))
		return open(policy.adapter ?? weightsOf(last));
	if (!plan.carryOptimizer) return open(weightsOf(last));
	const trainer = await open(null);
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
