/** @file The objective of a plan together with examples of the kind that it learns from. */
import { openObjective, type ObjectiveSpec } from '#objectives/registry.ts';
import type { GroupOptions } from '#objectives/policy-gradient.ts';
import type { TrainPlan } from '#loop/plan.ts';
import type { Context, Experience } from '#loop/types.ts';
import { withAdvantages } from './grouping.ts';
import { withPairs } from './pairs.ts';

/** The plan with this objective: pairs or advantages take the place of the kept examples if it cannot do without. */
export function withObjective(
	plan: TrainPlan,
	refined: readonly Experience[],
	context: Context,
	objective: ObjectiveSpec,
	group: GroupOptions,
): TrainPlan {
	const { needs, learnsTexts = false } = openObjective(objective);
	const aimed = { ...plan, objective };
	if (needs.includes('pairs')) return withPairs(aimed, refined, context, learnsTexts);
	if (needs.includes('advantages')) return withAdvantages(aimed, refined, context, group);
	return aimed;
}
