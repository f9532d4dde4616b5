/** @file Carries a plan out: gradient steps, a merge or a change of memory, after which the new policy is named. */
import type { Plan } from '#loop/plan.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { policyId } from '#loop/policy/policy-id.ts';
import { childOf, type Policy } from '#loop/policy/policy.ts';
import type { Context } from '#loop/types.ts';
import { merge } from '#model/merge/merge.ts';
import { trainPolicy } from './train-policy.ts';

/** Mᵗ⁺¹. A plan with nothing to learn from changes nothing. All randomness comes from the seed, the round and the step. */
export async function carryOut(plan: Plan, context: Context): Promise<Policy> {
	const { world, policy } = context;
	world.signal.throwIfAborted();
	switch (plan.kind) {
		case 'train':
			return remembering(await trainPolicy(plan, context), plan.memory);
		case 'merge': {
			const inputs = plan.parts.map((part) => {
				const adapter = part.policy === 'round' ? policy.adapter : part.policy;
				if (adapter) return { adapter, weight: part.weight };
				throw new Error('The base model has no adapter to merge; train for a round first.');
			});
			// Moments of an optimizer belong to the weights that it trained: there are none of a merge.
			const merged = childOf(policy, { adapter: merge(inputs, plan.method), trainer: null });
			return remembering(merged, plan.memory);
		}
		case 'remember':
			return childOf(policy, { memory: plan.memory });
		default:
			return plan satisfies never;
	}
}

/** The policy with another memory; itself if there is none to change. */
const remembering = (policy: Policy, memory: Memory | undefined): Policy =>
	memory === undefined || memory === policy.memory
		? policy
		: { ...policy, memory, id: policyId(policy.base, policy.adapter, memory) };
