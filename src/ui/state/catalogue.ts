/** @file Catalogue of methods, environments and their knobs, for the page. */
import type { Knob, KnobValue, KnobValues, Knobs } from '#base/knobs.ts';
import type { Environment, EnvironmentDefinition } from '#environments/environment.ts';
import { phaseOf, type StepName } from '#loop/cell.ts';
import type { Phase, Place } from '#loop/types.ts';
import { knobsOf, type NamedKnob } from '#runs/knob-rows.ts';
import { defaultModelOf, environmentsFor } from '#runs/join.ts';
import { placesFor } from '#runs/places.ts';
import { altered } from '#runs/recipe/alter.ts';
import {
	choicesOf,
	hearsTruth,
	RecipeError,
	type Choice,
	type Recipe,
} from '#methods/parts/method.ts';
import { seedlingOf } from '#seedlings/seedlings.ts';

export interface Catalogue {
	/** The default first. */
	readonly methods: readonly Recipe[];
	readonly environments: readonly EnvironmentDefinition[];
}

/** A knob with its value in this recipe before anyone turned it. */
export interface Setting {
	readonly name: string;
	readonly knob: Knob;
	readonly value: KnobValue;
}

/** The same with the cells that read it. */
export type RecipeSetting = Setting & NamedKnob;

/** A cell in its place in the recipe, as a part of the bar. */
export interface Part {
	readonly key: string;
	readonly phase: Phase;
	/** The step in plain words. */
	readonly label: string;
	readonly choice: Choice<StepName>;
}

const labels: Readonly<Record<StepName, string>> = {
	evolveTasks: 'task',
	evolveSolutions: 'solution',
	getFeedback: 'feedback',
	refine: 'refine',
	update: 'update',
	evaluate: 'evaluate',
};

/** The recipe as a row of parts, in the order of the loop. */
export const partsOf = (recipe: Recipe): readonly Part[] =>
	choicesOf(recipe).map((choice, i) => ({
		key: `${choice.cell.step}-${i}`,
		phase: phaseOf[choice.cell.step],
		label: labels[choice.cell.step],
		choice,
	}));

/** The knobs of one cell, as the method sets them; one that several cells read is in each. */
export const settingsOf = (
	settings: readonly RecipeSetting[],
	{ cell }: Choice<StepName>,
): readonly RecipeSetting[] => settings.filter(({ readBy }) => readBy.includes(cell.address));

/** The knobs of the environment, as the method needs them. */
export const environmentSettings = (
	settings: readonly RecipeSetting[],
	definition: EnvironmentDefinition,
): readonly RecipeSetting[] =>
	settings.filter(({ readBy }) => readBy.includes(`environments/${definition.name}`));

/** Every knob of a method in an environment. */
export const allSettings = (
	recipe: Recipe,
	definition: EnvironmentDefinition | undefined,
): readonly RecipeSetting[] =>
	knobsOf(recipe, {}, definition).map(({ preset, ...row }) => ({ ...row, value: preset }));

export const methodNamed = (catalogue: Catalogue, name: string): Recipe | undefined =>
	catalogue.methods.find((method) => method.name === name);

/** The method with the cells that were changed; without those that this build does not have. */
export function recipeFor(
	catalogue: Catalogue,
	{ method, cells = [] }: Pick<Asked, 'method' | 'cells'>,
): Recipe | undefined {
	const recipe = methodNamed(catalogue, method);
	return cells.reduce((so, word) => {
		try {
			return so && altered(so, [word]);
		} catch (error) {
			if (error instanceof RecipeError) return so;
			throw error;
		}
	}, recipe);
}

/** Environments that the method can be joined with, its own first. */
export const environmentsOf = (
	{ environments }: Catalogue,
	method: Recipe | undefined,
): readonly EnvironmentDefinition[] => (method ? environmentsFor(method, environments) : []);

export const environmentNamed = (
	catalogue: Catalogue,
	name: string,
): EnvironmentDefinition | undefined =>
	catalogue.environments.find((environment) => environment.name === name);

/** Does the method learn from the truth, and not from what the model itself believes? */
export const isTold = (recipe: Recipe | undefined): boolean =>
	recipe !== undefined && hearsTruth(recipe);

/** The environment of a run, made for its words (nouns, unit) and its verifier. */
export const environmentOf = (catalogue: Catalogue, asked: Asked): Environment | undefined =>
	openedOf(catalogue, asked)?.environment;

/** The model that such a run begins with if a person names none. */
export function modelOf(catalogue: Catalogue, asked: Asked): string | undefined {
	const opened = openedOf(catalogue, asked);
	return opened && defaultModelOf(opened.environment, opened.knobs);
}

/** Difficulties that the seedling of such a run was taught, inclusive; undefined if it has none. */
export function taughtOf(
	catalogue: Catalogue,
	asked: Asked,
): readonly [from: number, to: number] | undefined {
	const opened = openedOf(catalogue, asked);
	return opened && seedlingOf(opened.environment.name, opened.knobs)?.range;
}

/** Environments that such a run can examine beside its own. */
export function placesOf(
	catalogue: Catalogue,
	asked: Asked,
	model: string | undefined,
): readonly Place<'score'>[] {
	const opened = openedOf(catalogue, asked);
	const definition = environmentNamed(catalogue, asked.environment);
	if (!opened || !definition || model === undefined) return [];
	return placesFor(model, { definition, knobs: opened.knobs }, catalogue.environments);
}

interface Asked {
	readonly method: string;
	readonly cells?: readonly string[];
	readonly environment: string;
	readonly knobs: Readonly<Record<string, KnobValue>>;
}

function openedOf(
	catalogue: Catalogue,
	asked: Asked,
):
	| { readonly environment: Environment; readonly knobs: Readonly<Record<string, KnobValue>> }
	| undefined {
	const definition = environmentNamed(catalogue, asked.environment);
	const recipe = recipeFor(catalogue, asked);
	if (!definition || !recipe) return undefined;
	const settings = environmentSettings(allSettings(recipe, definition), definition);
	const values = settings.map(
		({ name, short, value }) => [short, asked.knobs[name] ?? value] as const,
	);
	const knobs = Object.fromEntries(values);
	return { environment: definition.create(knobs as KnobValues<Knobs>), knobs };
}
