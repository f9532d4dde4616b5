/** @file The characters that each seedling knows, in the order of its token ids. */
import {
	capitals,
	digitMarks,
	digits,
	end,
	letterMarks,
	letters,
	pad,
} from '#environments/alphabet.ts';

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
	calculator: characters(digits, 'abcdefghijklmnop', '+*=[];?'),
	'list-programs': characters(digits, 'abcdefghijklmnop', 'RSHTADEW', '=<~,;>!?.'),
	reversal: characters(letters, letterMarks, '=<'),
	sorting: characters(digits, digitMarks, '='),
	order: characters(letters, ' <>='),
	blocks: characters(letters, ' >-='),
	translation: characters(letters, letterMarks, '='),
	persona: characters(letters, capitals, digits, '>-='),
	nim: characters(digits, '/?', 'abcdefghijklmnop', '.xyz'),
	tictactoe: characters(letterMarks, letters.slice(0, 16), '/?'),
	grid: characters(digits, 'neswNESW', '#.='),
	edits: characters(digits, letters, capitals, '^~(#!)='),
	polyglot: characters(digits, letters, capitals, ' +=<>-'),
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A seedling's folder under `public/models/`. */
export type SeedlingName = keyof typeof alphabets;
