/** @file Operations on lists of whole numbers: what each does in English, in JavaScript, and to a list. */

export interface Operation {
	readonly words: string;
	/** Goes behind an expression for a list. */
	readonly code: string;
	of(numbers: readonly number[]): readonly number[];
}

export interface Ending {
	readonly words: string;
	readonly code: string;
	of(numbers: readonly number[]): number;
}

/** From list to list, by name. */
export const operations: Readonly<Record<string, Operation>> = {
	double: {
		words: 'doubles every number',
		code: '.map((n) => n * 2)',
		of: (numbers) => numbers.map((n) => n * 2),
	},
	'add-one': {
		words: 'adds 1 to every number',
		code: '.map((n) => n + 1)',
		of: (numbers) => numbers.map((n) => n + 1),
	},
	square: {
		words: 'squares every number',
		code: '.map((n) => n * n)',
		of: (numbers) => numbers.map((n) => n * n),
	},
	'keep-even': {
		words: 'keeps the even numbers',
		code: '.filter((n) => n % 2 === 0)',
		of: (numbers) => numbers.filter((n) => n % 2 === 0),
	},
	'keep-positive': {
		words: 'keeps the numbers above 0',
		code: '.filter((n) => n > 0)',
		of: (numbers) => numbers.filter((n) => n > 0),
	},
	reverse: {
		words: 'reverses their order',
		code: '.slice().reverse()',
		of: (numbers) => numbers.toReversed(),
	},
	sort: {
		words: 'sorts them in ascending order',
		code: '.slice().sort((a, b) => a - b)',
		of: (numbers) => numbers.toSorted((a, b) => a - b),
	},
	unique: {
		words: 'drops repeats',
		code: '.filter((n, i, all) => all.indexOf(n) === i)',
		of: (numbers) => [...new Set(numbers)],
	},
	'drop-first': {
		words: 'drops the first number',
		code: '.slice(1)',
		of: (numbers) => numbers.slice(1),
	},
	'first-three': {
		words: 'keeps the first three numbers',
		code: '.slice(0, 3)',
		of: (numbers) => numbers.slice(0, 3),
	},
};

/** From list to number, by name. */
export const endings: Readonly<Record<string, Ending>> = {
	sum: {
		words: 'returns their sum',
		code: '.reduce((sum, n) => sum + n, 0)',
		of: (numbers) => numbers.reduce((sum, n) => sum + n, 0),
	},
	count: {
		words: 'returns how many are left',
		code: '.length',
		of: (numbers) => numbers.length,
	},
};
