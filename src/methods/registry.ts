/** @file Methods by name. */
import { easyToHard } from './easy-to-hard.ts';
import { groundedEnglish } from './grounded.ts';
import { lmsiEnglish } from './english/lmsi-english.ts';
import { recipes } from './index.ts';
import { settled } from './agreement/settled.ts';
import { knowledge } from './knowledge.ts';
import { RecipeError, type Recipe } from './parts/method.ts';
import { selfDebugging } from './self-debugging.ts';
import { spag } from './spag.ts';
import { restReact } from './worlds/rest-react.ts';

/** The default first. */
export const methods: readonly Recipe[] = [
	easyToHard,
	...recipes.filter((recipe: Recipe) => recipe !== easyToHard),
];

/** The method of that name; throws `RecipeError`, one sentence that names all of them. */
export function methodNamed(name: string): Recipe {
	const found = methods.find((recipe) => recipe.name === name);
	if (found) return found;
	const names = methods.map((recipe) => recipe.name).join(', ');
	throw new RecipeError(`Method must be one of ${names}; got "${name}".`);
}

/** Those that their own environment begins with. */
const usualRecipes = [
	...[groundedEnglish, knowledge, lmsiEnglish, selfDebugging, spag, restReact, settled],
];

/** By environment, the method that it begins with; any other environment begins with the default. */
const usualFor: ReadonlyMap<string, Recipe> = new Map<string, Recipe>([
	...usualRecipes.map((recipe): [string, Recipe] => [recipe.environment, recipe]),
	// An answer without its calls teaches to guess: what is learnt has to be every turn.
	['calculator', restReact],
	// It loses nothing that was mastered while more heaps are learnt.
	['nim', settled],
]);

/** The method for an environment that a person chose without one: the usual one there if it is offered, else the default. */
export function methodFor(
	offered: readonly Recipe[],
	environment: string | null,
): Recipe | undefined {
	const usual = usualFor.get(environment ?? '');
	return offered.find((recipe) => recipe.name === usual?.name) ?? offered[0];
}
