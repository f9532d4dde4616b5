/** @file Faults of sums: the first column, from the right, that is added wrongly, and in what way. */
import type { Random } from '#base/random.ts';
import { placeOf, spoilBy, type Faults, type Spoil } from '../facets/faults.ts';
import type { Item } from '../item.ts';

type Numbers = (item: Item) => readonly [a: string, b: string];

const ways = {
	'drops-carry': 'drops a carry',
	'adds-carry': 'carries one that is not there',
	copies: 'copies a digit instead of adding two',
	'wrong-digit': 'adds two digits wrongly',
	'ends-early': 'leaves out the first digits',
	'goes-on': 'writes digits that are not there',
} as const;

/** Of a decimal number, from the right; undefined past its first digit. */
const digitAt = (number: string, column: number): number | undefined =>
	column < number.length ? Number(number.charAt(number.length - 1 - column)) : undefined;

/** Whether the columns right of this one carry into it. */
function carriesInto(a: string, b: string, column: number): boolean {
	let carry = 0;
	for (let i = 0; i < column; i++)
		carry = Number((digitAt(a, i) ?? 0) + (digitAt(b, i) ?? 0) + carry > 9);
	return carry === 1;
}

const without0 = (number: string): string => number.replace(/^0+(?=\d)/, '');

const columnsOf = (number: string): readonly number[] => Array.from(number, (_, i) => i);

/** Changes in one column of an answer, at random. */
const inColumn =
	(
		numbersOf: Numbers,
		change: (of: {
			readonly answer: string;
			readonly column: number;
			readonly numbers: readonly [a: string, b: string];
			readonly random: Random;
		}) => string | undefined,
	): Spoil =>
	(item, answer, random) => {
		const numbers = numbersOf(item);
		return random.shuffle(columnsOf(answer)).flatMap((column) => {
			const changed = change({ answer, column, numbers, random });
			return changed === undefined ? [] : [without0(changed)];
		});
	};

const withDigit = (number: string, column: number, digit: number): string => {
	const at = number.length - 1 - column;
	return number.slice(0, at) + String(digit) + number.slice(at + 1);
};

/** The answer with a carry less, or one more, into a column. */
const carried = (answer: string, column: number, by: 1 | -1): string | undefined => {
	const changed = BigInt(answer) + BigInt(by) * 10n ** BigInt(column);
	return changed < 0n ? undefined : String(changed);
};

export function additionFaults(numbersOf: Numbers): Faults {
	const find: Faults['find'] = (item, answer) => {
		const [a, b] = numbersOf(item);
		const sum = String(BigInt(a) + BigInt(b));
		if (answer === sum || !/^\d+$/.test(answer)) return null;
		const column = columnsOf(answer.padStart(sum.length)).find(
			(i) => digitAt(answer, i) !== digitAt(sum, i),
		);
		if (column === undefined) return null;
		const way = wayOf([a, b], column, digitAt(answer, column), digitAt(sum, column));
		return { way, at: `in ${placeOf(column + 1, 'column')} from the right` };
	};
	const spoil = spoilBy(find, [
		inColumn(numbersOf, ({ answer, column, numbers: [a, b] }) =>
			carriesInto(a, b, column) ? carried(answer, column, -1) : undefined,
		),
		inColumn(numbersOf, ({ answer, column, numbers: [a, b] }) =>
			column > 0 && !carriesInto(a, b, column) ? carried(answer, column, 1) : undefined,
		),
		inColumn(numbersOf, ({ answer, column, numbers, random }) => {
			const [x, y] = numbers.map((number) => digitAt(number, column));
			if (x === undefined || y === undefined) return undefined;
			return withDigit(answer, column, random.pick([x, y]));
		}),
		inColumn(numbersOf, ({ answer, column, random }) =>
			withDigit(answer, column, random.integer(0, 9)),
		),
		(_item, answer) => (answer.length > 1 ? [without0(answer.slice(1))] : []),
	]);
	return { ways, find, spoil };
}

function wayOf(
	[a, b]: readonly [a: string, b: string],
	column: number,
	got: number | undefined,
	right: number | undefined,
): keyof typeof ways {
	if (right === undefined) return 'goes-on';
	const carry = carriesInto(a, b, column);
	const [x, y] = [digitAt(a, column), digitAt(b, column)];
	// Left of both numbers there is nothing but the last carry.
	if (got === undefined) return x === undefined && y === undefined ? 'drops-carry' : 'ends-early';
	if (carry && got === (right + 9) % 10) return 'drops-carry';
	if (!carry && column > 0 && got === (right + 1) % 10) return 'adds-carry';
	const isCopy = x !== undefined && y !== undefined && (got === x || got === y);
	return isCopy ? 'copies' : 'wrong-digit';
}
