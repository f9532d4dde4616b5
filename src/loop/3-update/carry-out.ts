/** @file Carries a plan out: gradient steps, a merge or a change of memory, after which the new policy is named. */
import { derive } from '#base/random.ts';
import type { MergePlan, Plan } from '#loop/plan.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { childOf, remembering, type Policy } from '#loop/policy/policy.ts';
import type { Context } from '#loop/types.ts';
import type { Adapter } from '#model/adapter.ts';
import { merge } from '#model/merge/merge.ts';
import type { TensorMap } from '#model/tensor.ts';
import { evolvedInputs } from './evolved-merge.ts';
import { trainPolicy } from './train-policy.ts';

/** Mᵗ⁺¹. A plan with nothing to learn from changes nothing. All randomness comes from the seed, the round and the step. */
export async function carryOut(plan: Plan, context: Context): Promise<Policy> {
	const { world, policy } = context;
	world.signal.throwIfAborted();
	switch (plan.kind) {
		case 'train':
			return withMemory(
				plan.module
					? withModule(await trainPolicy(plan, context), context)
					: await trainPolicy(plan, context),
				plan.memory,
			);
		case 'merge':
			return withMemory(await mergePolicies(plan, context), plan.memory);
		case 'remember':
			return childOf(policy, { memory: plan.memory });
		default:
			return plan satisfies never;
	}
}

/** The policy with another memory; itself if there is none to change. */
const withMemory = (policy: Policy, memory: Memory | undefined): Policy =>
	memory === undefined || memory === policy.memory ? policy : remembering(policy, memory);

/** The policy with what it trained as the module of the practised difficulty, and all others as they were. */
function withModule(trained: Policy, { policy, objective: { difficulty } }: Context): Policy {
	const { adapter } = trained;
	if (trained === policy || !adapter) return trained;
	const others = (policy.modules ?? []).filter((module) => module.difficulty !== difficulty);
	const { trainer } = trained;
	return childOf(policy, { adapter, trainer, modules: [...others, { difficulty, adapter }] });
}

async function mergePolicies(plan: MergePlan, context: Context): Promise<Policy> {
	const { policy } = context;
	let candidate: Policy | null = null;
	const inputs: { readonly adapter: Adapter; readonly weight: number }[] = [];
	for (const { policy: part, weight } of plan.parts) {
		let adapter: Adapter | null;
		if (part === 'round') adapter = policy.adapter;
		else if ('kind' in part) {
			candidate = await trainPolicy(part, context);
			// Nothing to learn from: there is nothing new to merge either.
			if (candidate === policy) return policy;
			adapter = candidate.adapter;
		} else adapter = part;
		if (!adapter)
			throw new Error('The base model has no adapter to merge; train for a round first.');
		inputs.push({ adapter, weight });
	}
	const newest = candidate?.adapter;
	const trained = [...(plan.keeps ?? []), ...(newest ? [newest] : [])];
	const chosen = plan.evolves ? await evolvedInputs(inputs, plan.evolves, plan, context) : inputs;
	return childOf(policy, {
		adapter: merge(chosen, plan.method, await baseFor(plan, chosen, context)),
		// Moments of an optimizer belong to the weights that it trained: a merge alone has none.
		trainer: candidate?.trainer ?? null,
		...(plan.keeps && { trained }),
	});
}

/** The base model's weights, if a merge of sets of all weights goes by their differences to it. */
async function baseFor(
	{ method }: MergePlan,
	inputs: readonly { readonly adapter: Adapter; readonly weight: number }[],
	{ world, t }: Context,
): Promise<TensorMap | undefined> {
	const total = inputs.reduce((sum, { weight }) => sum + weight, 0);
	const isSoup = method.name === 'linear' && Math.abs(total - 1) < 1e-9;
	if (isSoup || inputs.some(({ adapter }) => adapter.parameters.kind !== 'full')) return undefined;
	const seed = derive(world.seed, 'merge-base', t);
	const trainer = await world.openTrainer({ kind: 'full' }, {}, { seed });
	try {
		return trainer.adapter().tensors;
	} finally {
		await trainer.dispose();
	}
}
