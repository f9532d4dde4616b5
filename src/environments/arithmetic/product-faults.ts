/** @file Faults of products: the first place, from the right, that is written wrongly, and in what way. */
import { placeOf, spoilBy, type Faults, type Spoil } from '../facets/faults.ts';
import type { Item } from '../item.ts';

const ways = {
	'drops-carry': 'drops a carry',
	'wrong-digit': 'multiplies two digits wrongly',
	'ends-early': 'leaves out the first digits',
	'goes-on': 'writes digits that are not there',
} as const;

const fromRight = (number: string, place: number): string =>
	number.charAt(number.length - 1 - place);

const withDigit = (number: string, place: number, digit: number): string => {
	const at = number.length - 1 - place;
	return number.slice(0, at) + String(digit) + number.slice(at + 1);
};

/** `withoutCarry` is the digit of a place before the carry into it is added. */
export function productFaults(
	solve: (item: Item) => string,
	withoutCarry: (item: Item, place: number) => number,
): Faults {
	const find: Faults['find'] = (item, answer) => {
		const right = solve(item);
		if (answer === right || !/^\d+$/.test(answer)) return null;
		let place = 0;
		while (fromRight(answer, place) === fromRight(right, place)) place++;
		const at = `in ${placeOf(place + 1, 'place')} from the right`;
		if (place >= right.length) return { way: 'goes-on', at };
		if (place >= answer.length) return { way: 'ends-early', at };
		const isBare = fromRight(answer, place) === String(withoutCarry(item, place));
		return { way: isBare ? 'drops-carry' : 'wrong-digit', at };
	};
	const placesOf = (answer: string): readonly number[] => Array.from(answer, (_, i) => i);
	const dropCarry: Spoil = (item, answer, random) =>
		random
			.shuffle(placesOf(answer).slice(0, -1))
			.map((place) => withDigit(answer, place, withoutCarry(item, place)));
	const another: Spoil = (_item, answer, random) => [
		withDigit(answer, random.pick(placesOf(answer)), random.integer(1, 9)),
	];
	const endEarly: Spoil = (_item, answer) => [answer.slice(1).replace(/^0+(?=\d)/, '')];
	return { ways, find, spoil: spoilBy(find, [dropCarry, another, another, endEarly]) };
}
