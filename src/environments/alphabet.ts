/**
 * @file The characters each seedling knows, in the order of its token ids, and the marks that say which
 * place a symbol stands in.
 */

/** Fills up shorter sequences of a batch; never part of a prompt or an answer. */
export const pad = '_';
/** Ends an answer. */
export const end = '$';

export const digits = '0123456789';
export const letters = 'abcdefghijklmnopqrstuvwxyz';
/** Marks beside digits (Zhou et al. 2023): 32, cyclic. */
export const digitMarks = 'abcdefghijklmnopqrstuvwxyzABCDEF';
/** Marks beside letters: none of them is a letter that can be spelt. */
export const letterMarks = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

const characters = (...groups: readonly string[]): readonly string[] => [
	pad,
	end,
	...groups.flatMap((group) => Array.from(group)),
];

/** Model folder → its characters; the place in the list is the token id. New ones only at the end. */
export const alphabets = {
	addition: characters(digits, digitMarks, '+='),
	'addition-plain': characters(digits, '+='),
	'addition-scratchpad': characters(digits, digitMarks, '+=', '>~'),
	reversal: characters(letters, letterMarks, '=<'),
	sorting: characters(digits, digitMarks, '='),
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A seedling's folder under `public/models/`. */
export type SeedlingName = keyof typeof alphabets;
