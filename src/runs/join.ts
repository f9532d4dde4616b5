/** @file Compatibility of recipes and environments: an environment must offer all that the recipe's cells need. */
import type { KnobValues, Knobs } from '#base/knobs.ts';
import { lacking, type EnvironmentDefinition, type Need } from '#environments/environment.ts';
import { choicesOf, type Recipe } from '#methods/method.ts';

const names: Readonly<Partial<Record<Need, string>>> = {
	score: 'a scorer',
	reference: 'a known right answer',
	hint: 'a hint that gives the answer away',
	answers: 'a format of answers',
	chat: 'prompts that are chats',
};

/** Features that the recipe needs and the environment lacks, with the recipe's environment knobs; empty if they fit. */
export function missingFor(recipe: Recipe, definition: EnvironmentDefinition): readonly Need[] {
	const values = Object.entries(definition.knobs).map(
		([name, knob]) => [name, recipe.environmentKnobs?.[name] ?? knob.default] as const,
	);
	const environment = definition.create(Object.fromEntries(values) as KnobValues<Knobs>);
	const needs = [...(recipe.needs ?? []), ...choicesOf(recipe).flatMap(({ cell }) => cell.needs)];
	return [...new Set(lacking(environment, needs))];
}

/** The same as a sentence; undefined if they fit. */
export function misfit(recipe: Recipe, definition: EnvironmentDefinition): string | undefined {
	const missing = missingFor(recipe, definition).map((need) => names[need] ?? need);
	return missing.length === 0
		? undefined
		: `Method ${recipe.name} needs ${missing.join(' and ')}, which environment ${definition.name} does not have.`;
}

/** Every environment that fits, the recipe's own first. */
export const environmentsFor = (
	recipe: Recipe,
	definitions: readonly EnvironmentDefinition[],
): readonly EnvironmentDefinition[] => {
	const fitting = definitions.filter((definition) => missingFor(recipe, definition).length === 0);
	const isOwn = ({ name }: EnvironmentDefinition): boolean => name === recipe.environment;
	return [...fitting.filter(isOwn), ...fitting.filter((one) => !isOwn(one))];
};
