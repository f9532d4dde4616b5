/** @file Carries a plan out: gradient steps or a merge, after which the new policy is named. */
import type { Plan } from '#loop/plan.ts';
import type { Context, Policy } from '#loop/types.ts';
import { merge } from '#model/merge/merge.ts';
import { policyId } from './policy-id.ts';
import { trainPolicy } from './train-policy.ts';

/** Mᵗ⁺¹. A plan with nothing to learn from changes nothing. All randomness comes from the seed, the round and the step. */
export async function carryOut(plan: Plan, context: Context): Promise<Policy> {
	const { world, policy } = context;
	switch (plan.kind) {
		case 'train':
			return trainPolicy(plan, context);
		case 'merge': {
			world.signal.throwIfAborted();
			const inputs = plan.parts.map((part) => {
				const adapter = part.policy === 'round' ? policy.adapter : part.policy;
				if (adapter) return { adapter, weight: part.weight };
				throw new Error('The base model has no adapter to merge; train for a round first.');
			});
			const adapter = merge(inputs, plan.method);
			// Moments of an optimizer belong to the weights that it trained: there are none of a merge.
			return { id: policyId(world.environment.model, adapter), adapter, trainer: null };
		}
		default:
			return plan satisfies never;
	}
}
