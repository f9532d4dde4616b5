/** @file Game: a task for several seats, each with prompts and rewards of its own. */
import type { Message, Prompt } from '#base/prompt.ts';
import type { Item, View } from '../item.ts';
import type { Reward } from '../score.ts';

/** A facet of environments for more than one seat. */
export interface Game {
	/** Names of the seats, e.g. `['questioner', 'answerer']`. */
	readonly seats: readonly string[];
	/** Begins an episode about an item. */
	open(item: Item): Play;
}

/** One episode under way. */
export interface Play {
	/** What the seats that move first are asked. */
	first(): Moves<Prompt>;
	/** What is asked next, after the replies of those that were asked; nobody asked ends the episode. */
	next(replies: Moves<Message>): Promise<Moves<Prompt>>;
	/** What is asked now, as items of the environment in a view; absent where a move is no item of its own. */
	positions?(): Moves<{ readonly item: Item; readonly view: View }>;
	/** The rewards of each seat, by name, once the episode has ended; a seat that nobody can judge has `unjudged` ones. */
	rewards(): Promise<Moves<Readonly<Record<string, Reward>>>>;
}

/** Something for each of some seats. */
export type Moves<T> = Readonly<Partial<Record<string, T>>>;
