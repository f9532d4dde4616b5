/** @file How people read and type the problems of an environment. */
import type { Item } from './item.ts';

export interface Words {
	readonly title: string;
	/** For one problem and for several: `sum`, `sums`. */
	readonly noun: readonly [singular: string, plural: string];
	/** What the model does to it: `add`, `sort`, `reverse`; the headline says "can <verb> 8 <unit>". */
	readonly verb: string;
	/** Unit of the difficulty, in the plural: `digits`. */
	readonly unit: string;
	/** For people: `357 + 864`. */
	show(item: Item): string;
	/** Parses what a person typed (`357 + 864`); an error sentence names the form expected. */
	parse(text: string): { item: Item } | { error: string };
	/** What of a problem is its own, where its text holds much that all share; problems are compared by it. */
	subject?(item: Item): string;
}
