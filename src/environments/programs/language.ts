/**
 * @file A list language of eight operations, and its interpreter: a program is a row of letters, each of which turns a list
 * of digits into another. Steps are counted, so that no program, whoever wrote it, runs for long.
 */

/** A list of digits as text: `3514`. */
export type List = string;

/** Digits of the longest list of a problem. */
export const longestList = 12;

interface Operation {
	/** For people: `drop first`. */
	readonly name: string;
	apply(list: List): List;
	/**
	 * Lists that become this one, the simplest first; none if there is none. Not all, where there is no end of them: of
	 * what `keep even` left out nothing is known.
	 */
	undo(list: List): Iterable<List>;
}

const digits = Array.from('0123456789');
const each = (list: List, turn: (digit: number) => number): List =>
	Array.from(list, (digit) => turn(Number(digit)) % 10).join('');
const reverse = (list: List): List => Array.from(list).reverse().join('');
const sort = (list: List): List => Array.from(list).sort().join('');
const isEven = (list: List): boolean => /^[02468]*$/.test(list);

/** All orders of a sorted list but itself, each once. */
function* ordersOf(list: List, before: List = ''): Generator<List> {
	if (list === '') yield before;
	for (let i = 0; i < list.length; i++)
		if (list.indexOf(list.charAt(i)) === i)
			yield* ordersOf(list.slice(0, i) + list.slice(i + 1), before + list.charAt(i));
}

/** Every way to halve: a digit comes of two, of which the smaller is the simpler. */
function* halvesOf(list: List): Generator<List> {
	for (let choice = 0; choice < 2 ** list.length; choice++)
		yield Array.from(list, (digit, i) => Number(digit) / 2 + ((choice >> i) & 1) * 5).join('');
}

/** By the letter that stands for it. */
export const operations: Readonly<Record<string, Operation>> = {
	R: { name: 'reverse', apply: reverse, undo: (list) => [reverse(list)] },
	S: {
		name: 'sort',
		apply: sort,
		undo: (list) => (sort(list) === list ? ordersOf(list) : []),
	},
	H: {
		name: 'drop first',
		apply: (list) => list.slice(1),
		undo: (list) => others(list.charAt(0)).map((digit) => digit + list),
	},
	T: {
		name: 'drop last',
		apply: (list) => list.slice(0, -1),
		undo: (list) => others(list.slice(-1)).map((digit) => list + digit),
	},
	A: {
		name: 'add 1',
		apply: (list) => each(list, (digit) => digit + 1),
		undo: (list) => [each(list, (digit) => digit + 9)],
	},
	D: {
		name: 'double',
		apply: (list) => each(list, (digit) => digit * 2),
		undo: (list) => (isEven(list) ? halvesOf(list) : []),
	},
	E: {
		name: 'keep even',
		apply: (list) => list.replace(/[13579]/g, ''),
		undo: (list) => (isEven(list) ? [list] : []),
	},
	W: {
		name: 'write twice',
		apply: (list) => list + list,
		undo(list) {
			const half = list.slice(0, list.length / 2);
			return half + half === list ? [half] : [];
		},
	},
};

/** A digit that was dropped: most simply a copy of its neighbour. */
function others(neighbour: string): readonly string[] {
	return neighbour === '' ? digits : [neighbour, ...digits.filter((digit) => digit !== neighbour)];
}

/** The letters of the language. */
export const letters = Object.keys(operations).join('');

/** Digits that a program may read before it is ended. */
const mostSteps = 200;

/**
 * The list after each operation, or why a program has none. Each operation costs a step for every digit that it reads and
 * one beside.
 */
export function trace(program: string, input: List): readonly List[] | { readonly error: string } {
	const lists: List[] = [];
	let steps = 0;
	let list = input;
	for (const letter of program) {
		const operation = operations[letter];
		if (!operation) return { error: `there is no operation ${letter}` };
		steps += list.length + 1;
		if (steps > mostSteps) return { error: `it takes more than ${mostSteps} steps` };
		list = operation.apply(list);
		lists.push(list);
	}
	return lists;
}

/** What comes out; undefined if the program cannot be run to its end. */
export function run(program: string, input: List): List | undefined {
	const lists = trace(program, input);
	return 'error' in lists ? undefined : (lists.at(-1) ?? input);
}
