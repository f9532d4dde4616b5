/**
 * @file Alteration of a recipe by cells: `learnability` stands in for the cell of its step, and where a step has several
 * cells it is added to them; `-replay` takes one of several out.
 */
import { nearest } from '#base/nearest.ts';
import type { Cell, StepName } from '#loop/cell.ts';
import { cells, variants } from '#loop/taxonomy.ts';
import { choicesOf, RecipeError, type Choice, type Recipe } from '#methods/parts/method.ts';
import { methodNamed } from '#methods/registry.ts';

/** Every cell, those that fill a leaf in another way included. */
export const allCells: readonly Cell[] = [...cells, ...variants];

/** Name of a cell: the last part of its address. */
export const cellName = ({ address }: Pick<Cell, 'address'>): string =>
	address.slice(address.lastIndexOf('/') + 1);

/** Steps that have one cell each; refining and updating have as many as there are. */
const single = ['evolveTasks', 'evolveSolutions', 'getFeedback', 'evaluate'] as const;
const isSingle = (step: StepName): boolean => single.some((one) => one === step);

export const contains = (recipe: Recipe, { address }: Pick<Cell, 'address'>): boolean =>
	choicesOf(recipe).some(({ cell }) => cell.address === address);

/** The recipe of a run: its method with the cells that were changed; throws `RecipeError`. */
export function recipeOf(run: {
	readonly method: string;
	readonly cells?: readonly string[];
}): Recipe {
	return altered(methodNamed(run.method), run.cells ?? []);
}

/** The recipe with these alterations, in their order; throws `RecipeError` for a word that names no cell. */
export function altered(recipe: Recipe, words: readonly string[]): Recipe {
	return words.reduce((so, word) => alteredBy(so, word), recipe);
}

function alteredBy(recipe: Recipe, word: string): Recipe {
	const isOut = word.startsWith('-');
	const cell = cellNamed(isOut ? word.slice(1) : word);
	if (isSingle(cell.step)) {
		if (isOut)
			throw new RecipeError(
				`cells cannot leave out ${cellName(cell)}: its step needs a cell; name the one to take its place.`,
			);
		return contains(recipe, cell) ? recipe : replaced(recipe, cell);
	}
	const step = cell.step as 'refine' | 'update';
	const rest = recipe[step].filter((choice) => choice.cell.address !== cell.address);
	if (isOut) return { ...recipe, [step]: rest };
	if (contains(recipe, cell)) return recipe;
	const choice: Choice<StepName> = { cell, set: keptBy(cell, choicesOf(recipe)) };
	// What corrects stands before what filters.
	const isFirst = cell.address.includes('/correct/');
	return { ...recipe, [step]: isFirst ? [choice, ...rest] : [...rest, choice] };
}

function replaced(recipe: Recipe, cell: Cell): Recipe {
	const step = cell.step as (typeof single)[number];
	return { ...recipe, [step]: { cell, set: keptBy(cell, [recipe[step]]) } };
}

/** What these choices set of knobs that the cell shares with theirs. */
const keptBy = ({ knobs }: Cell, choices: readonly Choice<StepName>[]): Choice<StepName>['set'] =>
	Object.fromEntries(
		choices.flatMap(({ cell, set }) =>
			Object.entries(set).filter(([name]) => name in knobs && knobs[name] === cell.knobs[name]),
		),
	);

/** The cell of this name or address; throws `RecipeError`. */
export function cellNamed(name: string): Cell {
	const found = allCells.find((cell) => cellName(cell) === name || cell.address === name);
	if (found) return found;
	const meant = nearest(allCells.map(cellName), name);
	throw new RecipeError(
		`There is no cell "${name}"; ${meant ? `did you mean ${meant}?` : `cells are ${allCells.map(cellName).join(', ')}.`}`,
	);
}

/**
 * The alterations with one more: `word` undoes what stood against it, and what changes nothing is left out. The result is
 * spelt by names, one for each difference, so that equal recipes have equal alterations.
 */
export function withAlteration(
	recipe: Recipe,
	words: readonly string[],
	word: string,
): readonly string[] {
	const wanted = altered(recipe, [...words, word]);
	const gone = choicesOf(recipe).filter(
		({ cell }) => !isSingle(cell.step) && !contains(wanted, cell),
	);
	const added = choicesOf(wanted).filter(({ cell }) => !contains(recipe, cell));
	return [
		...gone.map(({ cell }) => `-${cellName(cell)}`),
		...added.map(({ cell }) => cellName(cell)),
	];
}
