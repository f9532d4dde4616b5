/** @file A method is a row of choices: one cell per step, with its knobs set. `runs/assemble.ts` makes it run. */
import type { KnobValue, Knobs, KnobValues } from '#base/knobs.ts';
import { truths, type Need } from '#environments/environment.ts';
import type { Cell, StepName } from '#loop/cell.ts';

/** A cell chosen for a step, with the knobs this method sets (the others stay at their default). */
export interface Choice<S extends StepName> {
	readonly cell: Cell<S>;
	readonly set: Readonly<Record<string, KnobValue>>;
}

/** Chooses a cell; a knob that the cell does not have, or of the wrong type, is a compile error. */
export const use = <S extends StepName, K extends Knobs>(
	cell: Cell<S, K>,
	set: Partial<KnobValues<K>> = {},
): Choice<S> => ({ cell: cell, set: set as Record<string, KnobValue> });

export interface Recipe {
	/** Kebab-case, as in URL and command line. */
	readonly name: string;
	readonly title: string;
	/** `Lee et al. 2025` */
	readonly by: string;
	readonly paper: string;
	/** One sentence for a newcomer. */
	readonly about: string;
	/** Environment where it begins unless told otherwise; any other that offers what it needs will do. */
	readonly environment: string;
	/** Needs of the recipe beside those of its cells. */
	readonly needs?: readonly Need[];
	/** Environment knobs that the method needs, e.g. `{ format: 'scratchpad' }`. */
	readonly environmentKnobs?: Readonly<Record<string, KnobValue>>;
	readonly rounds: number;
	/** Players by role, as in `platform/roles/roles.ts`; by default the policy plays all. */
	readonly roles?: Readonly<Record<string, string>>;
	readonly evolveTasks: Choice<'evolveTasks'>;
	readonly evolveSolutions: Choice<'evolveSolutions'>;
	readonly getFeedback: Choice<'getFeedback'>;
	readonly refine: readonly Choice<'refine'>[];
	readonly update: readonly Choice<'update'>[];
	readonly evaluate: Choice<'evaluate'>;
}

/** Every choice of a recipe, in the order of the loop. */
export const choicesOf = (recipe: Recipe): readonly Choice<StepName>[] =>
	[
		recipe.evolveTasks,
		recipe.evolveSolutions,
		recipe.getFeedback,
		...recipe.refine,
		...recipe.update,
		recipe.evaluate,
	] as readonly Choice<StepName>[];

/** Is the truth told to a cell of the recipe that acquires or refines, and not only to its examination? */
export const hearsTruth = (recipe: Recipe): boolean =>
	[recipe.evolveTasks, recipe.evolveSolutions, recipe.getFeedback, ...recipe.refine].some(
		({ cell }) => cell.needs.some((need) => truths.some((truth) => need.startsWith(truth))),
	);

/** A name or value that is not allowed; the message is one sentence that says what is. */
export class RecipeError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'RecipeError';
	}
}
