/**
 * @file Tasks with a verifier. An environment draws problems of a given difficulty, writes them as
 * text, reads answers back and knows the truth. It does not know who asks, or why.
 *
 * An *item* is the problem itself (`{a: '357', b: '864'}`); a *view* is one way to write it down
 * (which letters, which order). One item has many views; an answer is compared across views in its
 * canonical form.
 */
import type { Random } from '#base/random.ts';
import type { KnobValues, Knobs } from '#base/knobs.ts';
import type { Prompt } from '#base/prompt.ts';

/** The problem as JSON data; equal problems have equal JSON. */
export type Item = Readonly<
	Record<string, string | number | readonly string[] | readonly number[]>
>;

/** One way to write an item down, as small JSON data made by `views`. */
export type View = Readonly<Record<string, string | number | boolean>>;

/** Problems to learn from, and problems that are only ever asked in an examination. */
export type Split = 'training' | 'held-out';

/** What the verifier says of a completion. A fault of the verifier is `unjudged`, never `wrong`. */
export type Verdict =
	| { readonly kind: 'correct' }
	| { readonly kind: 'wrong'; readonly expected: string }
	| { readonly kind: 'malformed'; readonly reason: string }
	| { readonly kind: 'unjudged'; readonly reason: string };

/** One named judgement of a rollout: a value in [0, 1] with its weight, or why nobody could judge. */
export type Reward =
	| { readonly value: number; readonly weight: number }
	| { readonly unjudged: string };

export interface Environment {
	/** Kebab-case name, as in URL and command line. */
	readonly name: string;
	readonly title: string;
	/** For one problem and for the heap: `sum`, `sums`. */
	readonly noun: readonly [singular: string, plural: string];
	/** What the model does to it: `add`, `sort`, `reverse`; the headline says "can <verb> 8 <unit>". */
	readonly verb: string;
	/** The difficulty knob: its unit (`digits`) and range. */
	readonly difficulty: { readonly unit: string; readonly min: number; readonly max: number };
	/** Difficulties the seedling was pre-trained on, inclusive; what must not be forgotten. */
	readonly base: readonly [from: number, to: number];
	/** Kinds of item scored apart, e.g. `['equal', 'unequal']`; one name where there is one kind. */
	readonly strata: readonly string[];
	/** Folder under `public/models/` of the seedling that begins here. */
	readonly model: string;
	/** Is its prompt what a person says to the model in a chat, instead of text to go on from? */
	readonly chat?: true;
	/**
	 * Text that ends an answer; a model's end token, which engines leave out of what they return. Empty where
	 * only the engine knows whether an answer has ended.
	 */
	readonly endMark: string;
	/** Longest prompt + answer in tokens at this difficulty. */
	maxTokens(difficulty: number): { readonly prompt: number; readonly answer: number };
	/** Draws a problem. `stratum` undefined: the usual mix. `split` undefined: `training`. */
	draw(difficulty: number, random: Random, stratum?: string, split?: Split): Item;
	/** How many different problems there are; 0 where a stratum does not exist (1 digit, unequal). */
	space(difficulty: number, stratum: string): number;
	/** Equal for problems that are the same, `a + b` and `b + a`: split and duplicates go by it. */
	keyOf(item: Item): string;
	stratumOf(item: Item): string;
	difficultyOf(item: Item): number;
	/** Deterministic, by a hash of the item: a held-out item is never drawn for training. */
	isHeldOut(item: Item): boolean;
	/** `count` different views (fewer where a format has fewer); the first, the plain one, examines. */
	views(item: Item, count: number, random: Random): readonly View[];
	/** The text the model continues. */
	prompt(item: Item, view: View): string;
	/** The answer in canonical form out of a completion with its end mark, or why it has none. */
	read(item: Item, view: View, completion: string): { answer: string } | { malformed: string };
	/** The completion that a model should write to say `answer` in this view, end mark included. */
	write(item: Item, view: View, answer: string): string;
	/** The true answer, canonical; one of them where `isRight` is there. */
	solve(item: Item): string;
	/** Where many answers are right: whether this one is. Throws where nobody can know. */
	isRight?(item: Item, answer: string): boolean;
	/** Parses what a person typed (`357 + 864`); an error sentence names the form expected. */
	parse(text: string): { item: Item } | { error: string };
	/** For people: `357 + 864`. */
	show(item: Item): string;
	/** What of a problem is its own, where its text holds much that all share; problems are compared by it. */
	subject?(item: Item): string;
	/** The hint prefix for rationalization (STaR): the prompt with the answer given away; absent where the format has none. */
	promptWithHint?(item: Item, view: View, answer: string): string;
}

/** An environment is made from knob values (the format, say); the knobs are declared beside it. */
export interface EnvironmentDefinition<K extends Knobs = Knobs> {
	readonly name: string;
	readonly title: string;
	readonly about: string;
	readonly papers: readonly string[];
	readonly knobs: K;
	create(values: KnobValues<K>): Environment;
}

/** Declares an environment; a knob of the wrong shape is a compile error. */
export const defineEnvironment = <const K extends Knobs>(
	definition: EnvironmentDefinition<K>,
): EnvironmentDefinition<K> => definition;

/** A generated answer as the environment reads it: with its end mark, where the model said it was done. */
export const completionOf = (
	{ endMark }: Environment,
	{ text, stopReason }: { readonly text: string; readonly stopReason: string },
): string => (stopReason === 'stop' && !text.endsWith(endMark) ? text + endMark : text);

/** What the model is asked. */
export const asked = (environment: Environment, item: Item, view: View): Prompt => {
	const content = environment.prompt(item, view);
	return environment.chat ? [{ role: 'user', content }] : content;
};

/** Is this answer right? Throws where the verifier cannot know. */
export const isTrue = (environment: Environment, item: Item, answer: string): boolean =>
	environment.isRight?.(item, answer) ?? environment.solve(item) === answer;

/** Judges one completion against the truth. */
export function verify(
	environment: Environment,
	item: Item,
	view: View,
	completion: string,
): Verdict {
	try {
		const read = environment.read(item, view, completion);
		if ('malformed' in read) return { kind: 'malformed', reason: read.malformed };
		return isTrue(environment, item, read.answer)
			? { kind: 'correct' }
			: { kind: 'wrong', expected: environment.solve(item) };
	} catch (error) {
		return { kind: 'unjudged', reason: error instanceof Error ? error.message : String(error) };
	}
}

/** A view to train on: half plain, half another, so that every way of writing is practised. */
export const trainingView = (environment: Environment, item: Item, random: Random): View =>
	random.pick(environment.views(item, 2, random));
