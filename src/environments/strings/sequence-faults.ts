/** @file Faults of answers that are a row of symbols: one left out, one too many, two in the wrong order, another one. */
import { placeOf, spoilBy, type Faults, type Spoil } from '../facets/faults.ts';
import type { Item } from '../item.ts';

const sorted = (text: string): string => Array.from(text).sort().join('');

const replaced = (text: string, at: number, by: string, length = 1): string =>
	text.slice(0, at) + by + text.slice(at + length);

/** The faults of rows of `symbols`; `solve` is the right row, and `noun` what one symbol is called. */
export function sequenceFaults(
	solve: (item: Item) => string,
	symbols: string,
	noun: string,
): Faults {
	const find: Faults['find'] = (item, answer) => {
		const right = solve(item);
		if (answer === right) return null;
		let first = 0;
		while (first < right.length && right.charAt(first) === answer.charAt(first)) first++;
		return { way: wayOf(right, answer), at: `at ${placeOf(first + 1, noun)}` };
	};
	const leaveOut: Spoil = (_item, answer, random) => {
		const at = random.integer(0, answer.length - 1);
		return answer.length > 1 ? [replaced(answer, at, '')] : [];
	};
	const swap: Spoil = (_item, answer, random) => {
		const at = random.integer(0, Math.max(0, answer.length - 2));
		const pair = answer.slice(at, at + 2);
		return pair.length < 2 ? [] : [replaced(answer, at, `${pair.charAt(1)}${pair.charAt(0)}`, 2)];
	};
	const another: Spoil = (_item, answer, random) => {
		const at = random.integer(0, answer.length - 1);
		return [replaced(answer, at, random.pick(Array.from(symbols)))];
	};
	return {
		ways: {
			'leaves-out': `leaves out a ${noun}`,
			'goes-on': `writes a ${noun} too many`,
			'wrong-order': `writes the right ${noun}s in the wrong order`,
			another: `writes another ${noun}`,
		},
		find,
		spoil: spoilBy(find, [leaveOut, swap, another]),
	};
}

function wayOf(right: string, answer: string): string {
	if (answer.length !== right.length)
		return answer.length < right.length ? 'leaves-out' : 'goes-on';
	return sorted(answer) === sorted(right) ? 'wrong-order' : 'another';
}
