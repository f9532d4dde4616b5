/** @file Words of an environment: how people read and type its problems. */
import type { Item } from './item.ts';

export interface Words {
	readonly title: string;
	/** For one problem and for several: `sum`, `sums`. */
	readonly noun: readonly [singular: string, plural: string];
	/** Verb for the model's work: `add`, `sort`, `reverse`; the headline says "can <verb> 8 <unit>". */
	readonly verb: string;
	/** Unit of the difficulty, in the plural: `digits`. */
	readonly unit: string;
	/** For people: `357 + 864`. */
	show(item: Item): string;
	/** Parses what a person typed (`357 + 864`); an error sentence names the form expected. */
	parse(text: string): { item: Item } | { error: string };
	/** How the text that the model reads and writes is to be read, where a person cannot guess it. */
	readonly notation?: string;
	/** Own part of a problem, if its text holds much that all share; problems are compared by it. */
	subject?(item: Item): string;
}
