/**
 * @file Faults of answers: where a wrong answer first goes wrong, and answers that are spoilt on purpose in a known way.
 * Both go by the same names, so that it can be counted which faults a training removes.
 */
import type { Random } from '#base/random.ts';
import type { Item } from '../item.ts';

/** The first wrong step of an answer. */
export interface Fault {
	/** One of the environment's ways, by name. */
	readonly way: string;
	/** Place of the step, for people: `in the third column from the right`. Absent if it has none. */
	readonly at?: string;
}

/** A facet that knows the truth. Both functions throw if an item is not of this environment. */
export interface Faults {
	/** For people, by name, as the second half of "it …": `drops a carry`. */
	readonly ways: Readonly<Record<string, string>>;
	/** Of an answer in canonical form; null if it is right, or goes wrong in none of the ways. */
	find(item: Item, answer: string): Fault | null;
	/** Another answer that is wrong in the way named; null if this one cannot be spoilt. */
	spoil(item: Item, answer: string, random: Random): Spoilt | null;
}

export interface Spoilt {
	/** In canonical form. */
	readonly answer: string;
	readonly way: string;
}

/** Makes other answers of one, wrong or not. */
export type Spoil = (item: Item, answer: string, random: Random) => readonly string[];

/** Takes the first change, in random order, that is a fault: what it is called is what `find` says of it. */
export function spoilBy(find: Faults['find'], changes: readonly Spoil[]): Faults['spoil'] {
	return (item, answer, random) => {
		for (const change of random.shuffle(changes))
			for (const changed of change(item, answer, random)) {
				const fault = changed === answer ? null : find(item, changed);
				if (fault) return { answer: changed, way: fault.way };
			}
		return null;
	};
}

const ordinals =
	'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(' ');

/** The place as people say it, from 1: `the third letter`, `letter 13`. */
export const placeOf = (n: number, noun: string): string => {
	const ordinal = ordinals[n - 1];
	return ordinal === undefined ? `${noun} ${n}` : `the ${ordinal} ${noun}`;
};
