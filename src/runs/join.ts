/**
 * @file Compatibility of recipe, environment and model: which environments offer all that a recipe's cells need, which
 * model a run begins with, and what that model was taught.
 */
import type { KnobValue, KnobValues, Knobs } from '#base/knobs.ts';
import { SessionFailure } from '#base/failure.ts';
import { lacking } from '#environments/environment.ts';
import type { Environment, EnvironmentDefinition, Need } from '#environments/environment.ts';
import type { Start } from '#loop/start.ts';
import { choicesOf, type Recipe } from '#methods/parts/method.ts';
import type { OpenModel } from '#platform/platform.ts';
import { lessonsOf } from '#seedlings/lessons.ts';
import { relativeOf, seedlingOf, taughtThere, taughtTo } from '#seedlings/seedlings.ts';

const names: Readonly<Partial<Record<Need, string>>> = {
	score: 'a scorer',
	reference: 'a known right answer',
	hint: 'a hint that gives the answer away',
	answers: 'a format of answers',
	grammar: 'tasks that state a form',
	faults: 'known ways in which answers go wrong',
	knowledge: 'records that problems are made of',
	chat: 'prompts that are chats',
	programs: 'answers that are programs',
	variation: 'problems that can be altered one by one',
	game: 'a game of several seats',
};

/** Needs that this environment lacks, in words; empty if it lacks none. */
export const lackWords = (environment: Environment, needs: readonly Need[]): readonly string[] =>
	lacking(environment, needs).map((need) => names[need] ?? need);

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

/** Base model of a chat environment if a person names none. */
const chatModel = 'SmolLM2-135M-Instruct';

/** Name of the model that a run begins with if a person names none; undefined if there is none for this environment. */
export const defaultModelOf = (
	{ name, chat }: Pick<Environment, 'name' | 'chat'>,
	knobs: Readonly<Record<string, KnobValue>>,
): string | undefined => seedlingOf(name, knobs)?.name ?? (chat ? chatModel : relativeOf(name));

/** Where a run begins, and the first lessons that it may practise again. */
export type Joined = Start & ReturnType<typeof lessonsOf>;

/** Joins an environment with these knob values to a model; throws a `SessionFailure` if there is none. */
export function joinModel(
	environment: Environment,
	knobs: Readonly<Record<string, KnobValue>>,
	asked?: string,
): Joined {
	const seedling = seedlingOf(environment.name, knobs);
	const model = asked ?? defaultModelOf(environment, knobs);
	if (model === undefined)
		throw new SessionFailure(
			'bad-request',
			`Environment ${environment.name} has no model of its own; name the model to begin with.`,
		);
	const own = taughtTo(model, environment.name, knobs);
	const taught = own?.range ?? seedling?.range;
	return {
		model,
		...(taught && { taught }),
		// Taught with other knob values: those lessons are what it can go over again.
		...lessonsOf(environment, own?.range, own?.also ?? taughtThere(model, environment.name)),
	};
}

/** Refuses a model without a chat template for an environment whose prompts are chats; throws a `SessionFailure`. */
export function assertCanChat(
	{ name, chat }: Pick<Environment, 'name' | 'chat'>,
	model: Pick<OpenModel, 'name' | 'chat'>,
): void {
	if (chat && model.chat?.template === undefined)
		throw new SessionFailure(
			'bad-request',
			`Environment ${name} is a chat and model ${model.name} has no chat template; choose an instruction-tuned model.`,
		);
}
