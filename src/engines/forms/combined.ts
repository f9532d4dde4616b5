/**
 * @file Intersection and complement of grammars as a product of their automata. The product is explored as a whole, since
 * two grammars that each go on may have no common end.
 */
import { BackendError } from '#base/backend-error.ts';
import { dead, type Automaton } from './automaton.ts';
import { canReach } from './reach.ts';

/** One factor of a product; `negated` accepts what the automaton does not. */
export interface Factor {
	readonly machine: Automaton;
	readonly negated: boolean;
}

/** Largest product in states; a text of 60 counted words that holds a word of 8 letters has some 3,000. */
const mostStates = 100_000;

/** More than any automaton has states. */
const pairRange = 2 ** 26;

/** Texts that every factor accepts; throws a BackendError if there is none, or the product is too large. */
export function product(factors: readonly Factor[]): Automaton {
	const { column, examples } = columnsOf(factors.map(({ machine }) => machine));
	const states: (readonly number[])[] = [];
	/** Number of a pair of numbers, by the place of the second among the factors. */
	const pairs = factors.map(() => new Map<number, number>());
	const known = new Map<number, number>();
	const stateOf = (places: readonly number[]): number => {
		if (places.some((place, i) => place === dead && factors[i]?.negated === false)) return dead;
		const key = places.reduce((left, right, i) => {
			const pair = left * pairRange + right + 1;
			const numbers = pairs[i];
			const number = numbers?.get(pair) ?? numbers?.size ?? 0;
			numbers?.set(pair, number);
			return number;
		}, 0);
		const old = known.get(key);
		if (old !== undefined) return old;
		if (states.length >= mostStates)
			throw new BackendError(
				'not-available',
				'The forms of the answer are too large to keep to together; ask for fewer at a time.',
			);
		known.set(key, states.length);
		return states.push(places) - 1;
	};
	stateOf(factors.map(() => 0));
	const rows: Int32Array[] = [];
	for (let at = 0; at < states.length; at++) {
		const places = states[at] ?? [];
		rows.push(
			Int32Array.from(examples, (byte) =>
				stateOf(places.map((place, i) => step(factors[i]?.machine, place, byte))),
			),
		);
	}
	const isEnd = states.map((places) =>
		places.every((place, i) => {
			const factor = factors[i];
			const accepts = place !== dead && factor?.machine.accepts(place) === true;
			return accepts !== factor?.negated;
		}),
	);
	const living = alive(rows, isEnd);
	if (living[0] !== 1)
		throw new BackendError(
			'not-available',
			'No answer can have all the forms asked for; leave one of them out.',
		);
	return {
		next: (state, byte) => {
			const target = rows[state]?.[column[byte] ?? 0] ?? dead;
			return target !== dead && living[target] === 1 ? target : dead;
		},
		accepts: (state) => isEnd[state] ?? false,
		states: states.length,
		column,
	};
}

const step = (machine: Automaton | undefined, place: number, byte: number): number =>
	place === dead ? dead : (machine?.next(place, byte) ?? dead);

/** Bytes that no factor tells apart share a column; each column with one of its bytes. */
function columnsOf(machines: readonly Automaton[]): {
	readonly column: Uint8Array;
	readonly examples: readonly number[];
} {
	const column = new Uint8Array(256);
	const examples: number[] = [];
	const known = new Map<string, number>();
	for (let byte = 0; byte < 256; byte++) {
		const key = machines.map((machine) => machine.column[byte] ?? 0).join();
		const old = known.get(key) ?? examples.push(byte) - 1;
		known.set(key, old);
		column[byte] = old;
	}
	return { column, examples };
}

/** States from which an end can be reached. */
function alive(rows: readonly Int32Array[], isEnd: readonly boolean[]): Uint8Array {
	const into: number[][] = rows.map(() => []);
	rows.forEach((row, from) => {
		for (const to of new Set(row)) if (to !== dead) into[to]?.push(from);
	});
	return canReach(
		into,
		isEnd.flatMap((end, state) => (end ? [state] : [])),
	);
}
