/**
 * @file Environments: tasks, a dialogue about each, and a score of what was answered. An environment does not know who
 * asks, or why.
 */
import type { Grammar } from '#base/answer-form.ts';
import type { KnobValues, Knobs } from '#base/knobs.ts';
import type { Prompt } from '#base/prompt.ts';
import type { AnswerFormat, Hint, Programs, Reference } from './answers.ts';
import type { Chance } from './chance.ts';
import type { Dialogue } from './dialogue.ts';
import type { Faults } from './facets/faults.ts';
import type { Game } from './facets/game.ts';
import type { Item, View } from './item.ts';
import type { Knowledge } from './facets/knowledge.ts';
import type { Scorer } from './score.ts';
import type { Tasks, Variation } from './tasks.ts';
import type { Words } from './words.ts';

export interface Environment {
	/** Kebab-case name, as in URL and command line. */
	readonly name: string;
	readonly tasks: Tasks;
	/** Are its prompts chats with roles, instead of text to go on from? */
	readonly chat?: true;
	/** Begins the dialogue about an item. */
	open(item: Item, view: View): Dialogue;
	/** Longest prompt and answer in tokens at this difficulty. */
	maxTokens(difficulty: number): { readonly prompt: number; readonly answer: number };
	/** What guessing scores: the baseline of every share of right answers. */
	readonly chance: Chance;
	/** Judges an answer. */
	readonly score: Scorer;
	/** Format of canonical answers; absent where an answer is any text. */
	readonly answers?: AnswerFormat;
	/** Knows the right answer; absent where nobody does. */
	readonly reference?: Reference;
	/** Absent where the prompt has no room for one. */
	readonly hint?: Hint;
	/** Form of a right answer, as the task states it; null if this one has none. Absent if no task states a form. */
	readonly grammar?: (item: Item) => Grammar | null;
	/**
	 * A simpler prompt, and the rule that casts what is said to it into the form of a right answer (undefined where it says
	 * too little); null if this task has none. Absent if no task states a form.
	 */
	readonly recast?: (item: Item) => Recast | null;
	/** Ways in which answers go wrong; absent if the environment knows no more than that they do. */
	readonly faults?: Faults;
	/** Absent if its problems are made of no records. */
	readonly knowledge?: Knowledge;
	/** Absent if its problems cannot be altered one by one. */
	readonly variation?: Variation;
	/** Absent if no answer is a program. */
	readonly programs?: Programs;
	/** Absent if there is one seat. */
	readonly game?: Game;
	readonly words: Words;
}

/** The free form of a task. */
export interface Recast {
	readonly prompt: Prompt;
	cast(said: string): string | undefined;
}

/** A facet that not every environment has. */
export type Facet =
	| 'answers'
	| 'reference'
	| 'hint'
	| 'grammar'
	| 'recast'
	| 'faults'
	| 'knowledge'
	| 'chat'
	| 'programs'
	| 'variation'
	| 'game';

/** An environment that is known to have these facets. */
export type EnvironmentWith<F extends Facet> = Environment & Required<Pick<Environment, F>>;

/**
 * Facets that tell the truth; whoever does not ask for one by name is not given it. A grammar is one of them, and a
 * rule that casts answers: those of the right form are right in part; and so are the faults of answers, and records.
 */
export const truths = [
	'score',
	'reference',
	'hint',
	'grammar',
	'recast',
	'faults',
	'knowledge',
] as const;
export type Truth = (typeof truths)[number];

/** Need of a part; with `?` it goes on without where the environment has none. */
export type Need = Truth | Facet | `${Truth}?`;

/** All there is of an environment, for whoever puts a run together. */
export type Everything =
	'score' | 'reference?' | 'hint?' | 'grammar?' | 'recast?' | 'faults?' | 'knowledge?';

/** Whether it is a chat is asked when a run is put together, and read by nobody after that. */
type Must<N extends Need> = Extract<N, Truth | 'answers' | 'programs' | 'variation' | 'game'>;
type May<N extends Need> = N extends `${infer F extends Truth}?` ? F : never;

/** The environment as a part sees it that asked for `N`: no truth but what it named. */
export type EnvironmentFor<N extends Need> = Omit<Environment, Truth> &
	Required<Pick<Environment, Must<N>>> &
	Pick<Environment, May<N>>;

/** Needs that the environment lacks. */
export const lacking = (environment: Environment, needs: readonly Need[]): readonly Need[] =>
	needs.filter((need) => !need.endsWith('?') && !Object.hasOwn(environment, need));

/** The environment without the truths that were not asked for; throws a TypeError where it lacks a facet. */
export function environmentFor<const N extends Need>(
	environment: Environment,
	needs: readonly N[],
): EnvironmentFor<N> {
	const missing = lacking(environment, needs);
	if (missing.length > 0)
		throw new TypeError(`Environment ${environment.name} has no ${missing.join(' and no ')}.`);
	const asked = needs.map((need) => need.replace(/\?$/, ''));
	const hidden: readonly string[] = truths.filter((truth) => !asked.includes(truth));
	const seen = Object.entries(environment).filter(([facet]) => !hidden.includes(facet));
	return Object.fromEntries(seen) as unknown as EnvironmentFor<N>;
}

/** The ten areas in which the survey files what a model can evolve (section 3), with the titles that people read. */
export const abilities = {
	'instruction-following': 'Instruction following',
	reasoning: 'Reasoning',
	math: 'Mathematics',
	coding: 'Coding',
	'role-play': 'Role-play',
	nlp: 'Language',
	planning: 'Planning',
	'tool-use': 'Tool use',
	embodied: 'Acting in a world',
	communication: 'Communication',
} as const;

export type Ability = keyof typeof abilities;
export const abilityNames = Object.keys(abilities) as readonly Ability[];

/** Parts that declare an ability, by it, in the order of the list above; abilities without any are left out. */
export function byAbility<T extends { readonly ability: Ability }>(
	parts: readonly T[],
): readonly { readonly ability: Ability; readonly title: string; readonly parts: readonly T[] }[] {
	return abilityNames
		.map((ability) => ({
			ability,
			title: abilities[ability],
			parts: parts.filter((part) => part.ability === ability),
		}))
		.filter(({ parts: those }) => those.length > 0);
}

/** An environment is made from knob values (the format, say); the knobs are declared beside it. */
export interface EnvironmentDefinition<
	K extends Knobs = Knobs,
	E extends Environment = Environment,
> {
	readonly name: string;
	readonly title: string;
	/** What it practises, of the survey's ten. */
	readonly ability: Ability;
	readonly about: string;
	readonly papers: readonly string[];
	readonly knobs: K;
	create(values: KnobValues<K>): E;
}

/** Declares an environment; a knob of the wrong shape is a compile error. */
export const defineEnvironment = <const K extends Knobs, E extends Environment>(
	definition: EnvironmentDefinition<K, E>,
): EnvironmentDefinition<K, E> => definition;
