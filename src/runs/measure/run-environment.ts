/** @file Environment of a stored run, for what is said about its numbers. */
import { SessionFailure } from '#base/failure.ts';
import type { Environment } from '#environments/environment.ts';
import type { RunRecipe } from '#storage/runs/store.ts';
import { openEnvironmentOf } from '../request.ts';

const opened = new WeakMap<RunRecipe, Environment | null>();

/** The environment of a stored run; null if this build does not have it, or refuses its recipe. */
export function environmentIn(recipe: RunRecipe): Environment | null {
	const known = opened.get(recipe);
	if (known !== undefined) return known;
	let environment: Environment | null = null;
	try {
		environment = openEnvironmentOf(recipe);
	} catch (error) {
		if (!(error instanceof SessionFailure)) throw error;
	}
	opened.set(recipe, environment);
	return environment;
}
