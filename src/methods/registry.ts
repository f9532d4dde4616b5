/** @file Every method there is, and how one is found by name. */
import { easyToHard } from './easy-to-hard.ts';
import { lmsi } from './lmsi.ts';
import { RecipeError, type Recipe } from './method.ts';
import { restEm } from './rest-em.ts';
import { selfInstructed } from './self-instruct.ts';
import { star } from './star.ts';

/** The default first. */
export const methods: readonly Recipe[] = [easyToHard, star, restEm, lmsi, selfInstructed];

/** The method of that name; throws `RecipeError`, one sentence that names all of them. */
export function methodNamed(name: string): Recipe {
	const found = methods.find((recipe) => recipe.name === name);
	if (found) return found;
	const names = methods.map((recipe) => recipe.name).join(', ');
	throw new RecipeError(`Method must be one of ${names}; got "${name}".`);
}
