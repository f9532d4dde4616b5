/** @file Assembly of a recipe: chains its cells, and checks every knob by name and bounds when it is turned. */
import { readKnob } from '#base/knobs.ts';
import type { Knob, KnobValue, KnobValues, Knobs } from '#base/knobs.ts';
import { environmentFor } from '#environments/environment.ts';
import type { EnvironmentDefinition, Everything, Need } from '#environments/environment.ts';
import { startPlan } from '#loop/3-update/plan.ts';
import type { Plan } from '#loop/plan.ts';
import type { StepName, Steps } from '#loop/cell.ts';
import type { Method } from '#loop/evolve.ts';
import type { Context } from '#loop/types.ts';
import { RecipeError, choicesOf, type Choice, type Recipe } from '#methods/method.ts';

/** A knob of a recipe as it stands. */
export interface KnobRow {
	readonly name: string;
	readonly knob: Knob;
	readonly value: KnobValue;
	/** Value of the recipe, or the knob's default. */
	readonly preset: KnobValue;
	/** Addresses of the cells that read it, or `environments/<name>`. */
	readonly readBy: readonly [string, ...string[]];
}

/** A recipe ready for `evolve`, with its knobs as they stand. */
export interface Assembled {
	readonly recipe: Recipe;
	readonly method: Method;
	readonly knobs: readonly KnobRow[];
	/** For the environment's `create`. */
	readonly environmentKnobs: Readonly<Record<string, KnobValue>>;
}

type Overrides = Readonly<Record<string, KnobValue>>;

/** Every knob of a recipe and its environment at its requested value; throws `RecipeError`. */
export function knobsOf(
	recipe: Recipe,
	overrides: Overrides = {},
	environment?: EnvironmentDefinition,
): readonly KnobRow[] {
	const rows = new Map<string, KnobRow>();
	const add = (readBy: string, knobs: Knobs, set: Overrides) => {
		for (const [name, knob] of Object.entries(knobs)) {
			const known = rows.get(name);
			// A knob that two cells read is one knob; what either sets holds for both.
			const asked = set[name] ?? known?.preset ?? knob.default;
			const preset = valueOf(name, knob, asked);
			const value = valueOf(name, knob, overrides[name] ?? preset);
			const readers = [...(known?.readBy ?? []), readBy] as [string, ...string[]];
			rows.set(name, { name, knob, value, preset, readBy: readers });
		}
	};
	for (const { cell, set } of choicesOf(recipe)) add(cell.address, cell.knobs, set);
	if (environment)
		add(`environments/${environment.name}`, environment.knobs, recipe.environmentKnobs ?? {});
	for (const name of Object.keys(overrides))
		if (!rows.has(name))
			throw new RecipeError(
				`Method ${recipe.name} has no knob "${name}"; its knobs are ${[...rows.keys()].join(', ')}.`,
			);
	return [...rows.values()];
}

/** Chains the cells of a recipe into what `evolve` runs; throws `RecipeError`. */
export function assemble(
	recipe: Recipe,
	overrides: Overrides = {},
	environment?: EnvironmentDefinition,
): Assembled {
	const knobs = knobsOf(recipe, overrides, environment);
	const values = Object.fromEntries(knobs.map(({ name, value }) => [name, value]));
	const own = (declared: Knobs): KnobValues<Knobs> =>
		Object.fromEntries(
			Object.keys(declared).map((name) => [name, values[name]]),
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
		return run(...args.slice(0, -1), { ...context, world: { ...world, environment } });
	};
	return heeded as Steps<Everything>[S];
}

function valueOf(name: string, knob: Knob, value: KnobValue): KnobValue {
	const read = readKnob(name, knob, value);
	if ('error' in read) throw new RecipeError(read.error);
	return read.value;
}
