/** @file What there is to choose from, as the page sees it: methods, environments, and their knobs. */
import type { Knob, KnobValue } from '#base/knobs.ts';
import type { Environment, EnvironmentDefinition } from '#environments/environment.ts';
import { phaseOf, type StepName } from '#loop/cell.ts';
import type { Phase } from '#loop/types.ts';
import type { Choice, Recipe } from '#methods/method.ts';

export interface Catalogue {
	/** The default first. */
	readonly methods: readonly Recipe[];
	readonly environments: readonly EnvironmentDefinition[];
}

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
export function partsOf(recipe: Recipe): readonly Part[] {
	const part = (step: StepName, choice: Choice<StepName>, i = 0): Part => ({
		key: `${step}-${i}`,
		phase: phaseOf[step],
		label: labels[step],
		choice,
	});
	return [
		part('evolveTasks', erase(recipe.evolveTasks)),
		part('evolveSolutions', erase(recipe.evolveSolutions)),
		part('getFeedback', erase(recipe.getFeedback)),
		...recipe.refine.map((choice, i) => part('refine', erase(choice), i)),
		...recipe.update.map((choice, i) => part('update', erase(choice), i)),
		part('evaluate', erase(recipe.evaluate)),
	];
}

/** The page reads a cell's words and knobs, and never creates it: its step no longer matters. */
const erase = <S extends StepName>(choice: Choice<S>): Choice<StepName> =>
	choice as unknown as Choice<StepName>;

/** A knob with its value in this recipe before anyone turned it. */
export interface Setting {
	readonly name: string;
	readonly knob: Knob;
	readonly value: KnobValue;
}

/** The knobs of one cell, as the method sets them. */
export const settingsOf = ({ cell, set }: Choice<StepName>): readonly Setting[] =>
	Object.entries(cell.knobs).map(([name, knob]) => ({
		name,
		knob,
		value: set[name] ?? knob.default,
	}));

/** The knobs of the environment, as the method needs them. */
export const environmentSettings = (
	definition: EnvironmentDefinition,
	recipe: Recipe,
): readonly Setting[] =>
	Object.entries(definition.knobs).map(([name, knob]) => ({
		name,
		knob,
		value: recipe.environmentKnobs?.[name] ?? knob.default,
	}));

/** Every knob of a method in an environment. */
export const allSettings = (
	recipe: Recipe,
	definition: EnvironmentDefinition | undefined,
): readonly Setting[] => [
	...partsOf(recipe).flatMap((part) => settingsOf(part.choice)),
	...(definition ? environmentSettings(definition, recipe) : []),
];

export const methodNamed = (catalogue: Catalogue, name: string): Recipe | undefined =>
	catalogue.methods.find((method) => method.name === name);

export const environmentNamed = (
	catalogue: Catalogue,
	name: string,
): EnvironmentDefinition | undefined =>
	catalogue.environments.find((environment) => environment.name === name);

/** The environment of a run, made for its words (nouns, unit) and its verifier. */
export function environmentOf(
	catalogue: Catalogue,
	asked: {
		readonly method: string;
		readonly environment: string;
		readonly knobs: Readonly<Record<string, KnobValue>>;
	},
): Environment | undefined {
	const definition = environmentNamed(catalogue, asked.environment);
	const recipe = methodNamed(catalogue, asked.method);
	if (!definition || !recipe) return undefined;
	const values = environmentSettings(definition, recipe).map(
		({ name, value }) => [name, asked.knobs[name] ?? value] as const,
	);
	return definition.create(Object.fromEntries(values));
}
