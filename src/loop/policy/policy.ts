/** @file Mᵗ: the policy, its identity and its lineage. */
import type { Adapter } from '#model/adapter.ts';
import type { TrainerState } from '#training/trainer.ts';
import { policyId } from './policy-id.ts';
import type { Memory } from './memory.ts';

/** Base model, adapter and memory. The id is a hash of all three, so a stale one is noticed. */
export interface Policy {
	readonly id: string;
	/** Name of the base model. */
	readonly base: string;
	/** The weights that answer; null is the base model. */
	readonly adapter: Adapter | null;
	readonly memory: Memory;
	/** Ids of the policies that it was made from; none for the base model. */
	readonly parents: readonly string[];
	/** The state that training goes on from; null before the first update. */
	readonly trainer: TrainerState | null;
	/** Adapters as the last rounds trained them, oldest first, if the policy answers with a merge of them. */
	readonly trained?: readonly Adapter[];
	/** Adapters by the difficulty that each was trained on, if every difficulty has its own (ConPET); oldest first. */
	readonly modules?: readonly Module[];
}

/** Adapter that answers problems of one difficulty, and harder ones that have none of their own. */
export interface Module {
	readonly difficulty: number;
	readonly adapter: Adapter;
}

/** Weights that answer problems of a difficulty: those of the hardest module that is not harder, else the base model's. */
export function adapterFor({ adapter, modules }: Policy, difficulty: number): Adapter | null {
	if (!modules) return adapter;
	const fitting = modules.filter((module) => module.difficulty <= difficulty);
	const hardest = Math.max(...fitting.map((module) => module.difficulty));
	return fitting.find((module) => module.difficulty === hardest)?.adapter ?? null;
}

/** The base model, before any update. */
export const basePolicy = (base: string): Policy => ({
	id: policyId(base, null),
	base,
	adapter: null,
	memory: [],
	parents: [],
	trainer: null,
});

/** The same policy with another memory. */
export const remembering = (policy: Policy, memory: Memory): Policy => ({
	...policy,
	memory,
	id: policyId(policy.base, policy.adapter, memory, policy.modules),
});

/** A policy made from another, with what has changed. */
export function childOf(
	parent: Policy,
	change: Partial<Pick<Policy, 'adapter' | 'memory' | 'trainer' | 'trained' | 'modules'>>,
): Policy {
	// Other weights than the parent's: what was kept beside them is kept again only if the change says so.
	const { trained: _trained, modules: _modules, ...rest } = parent;
	const child = { ...('adapter' in change ? rest : parent), ...change, parents: [parent.id] };
	return { ...child, id: policyId(child.base, child.adapter, child.memory, child.modules) };
}
