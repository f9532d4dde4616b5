/** @file Methods by name. */
import { easyToHard } from './easy-to-hard.ts';
import { recipes } from './index.ts';
import { RecipeError, type Recipe } from './parts/method.ts';

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

/** The method for an environment that a person chose without one: the first that is made for it, else the default. */
export function methodFor(
	offered: readonly Recipe[],
	environment: string | null,
): Recipe | undefined {
	const [usual] = offered;
	if (environment === null || usual?.environment === environment) return usual;
	return offered.find((recipe) => recipe.environment === environment) ?? usual;
}
