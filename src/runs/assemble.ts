/** @file Assembly of a recipe: its cells chained, each with its knobs and the facets that it needs. */
import type { KnobValue, KnobValues, Knobs } from '#base/knobs.ts';
import { environmentFor } from '#environments/environment.ts';
import type { EnvironmentDefinition, Everything, Need } from '#environments/environment.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import type { Plan } from '#loop/plan.ts';
import type { StepName, Steps } from '#loop/cell.ts';
import type { Method } from '#loop/evolve.ts';
import type { Context } from '#loop/types.ts';
import type { Choice, Recipe } from '#methods/parts/method.ts';
import { knobsOf, rowOf, type KnobRow } from './knob-rows.ts';

/** A recipe ready for `evolve`, with its knobs as they stand. */
export interface Assembled {
	readonly recipe: Recipe;
	readonly method: Method;
	readonly knobs: readonly KnobRow[];
	/** For the environment's `create`. */
	readonly environmentKnobs: Readonly<Record<string, KnobValue>>;
}

/** Chains the cells of a recipe into what `evolve` runs; throws `RecipeError`. */
export function assemble(
	recipe: Recipe,
	overrides: Readonly<Record<string, KnobValue>> = {},
	environment?: EnvironmentDefinition,
): Assembled {
	const knobs = knobsOf(recipe, overrides, environment);
	const own = (declared: Knobs): KnobValues<Knobs> =>
		Object.fromEntries(
			Object.entries(declared).map(([short, knob]) => [short, rowOf(knobs, short, knob)?.value]),
		) as KnobValues<Knobs>;
	const create = <S extends StepName>({ cell }: Choice<S>): Steps<Everything>[S] =>
		heeding(cell.needs, cell.create(own(cell.knobs)));
	const refine = recipe.refine.map(create);
	const update = recipe.update.map(create);
	return {
		recipe,
		knobs,
		environmentKnobs: environment ? own(environment.knobs) : {},
		method: {
			evolveTasks: create(recipe.evolveTasks),
			evolveSolutions: create(recipe.evolveSolutions),
			getFeedback: create(recipe.getFeedback),
			refine: async (experience, context) => {
				let refined = experience;
				for (const cell of refine) refined = await cell(refined, context);
				return refined;
			},
			update: async (refined, context) => {
				let plan: Plan = startPlan(refined, context.world.environment);
				for (const amend of update) plan = await amend(plan, refined, context);
				return plan;
			},
			evaluate: create(recipe.evaluate),
		},
	};
}

/** The step of a cell, given an environment that holds no other truth than the cell asked for. */
function heeding<S extends StepName>(
	needs: readonly Need[],
	step: Steps<Need>[S],
): Steps<Everything>[S] {
	const run = step as (...args: readonly unknown[]) => unknown;
	const heeded = (...args: readonly unknown[]): unknown => {
		// The context is the last argument of every step.
		const { world, ...context } = args.at(-1) as Context<Everything>;
		const environment = environmentFor(world.environment, needs);
		const truths = needs.filter((need) => need === 'score');
		const places = world.places?.map((place) => ({
			...place,
			environment: environmentFor(place.environment, truths),
		}));
		const seen = { ...world, environment, ...(places && { places }) };
		return run(...args.slice(0, -1), { ...context, world: seen });
	};
	return heeded as Steps<Everything>[S];
}
