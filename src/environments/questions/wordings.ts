/**
 * @file What small questions are about, and the wordings in which they are asked. A small model rambles in some wordings
 * and answers in others, so that only together they say what it knows.
 */

export const kinds = ['sum', 'difference', 'largest', 'last'] as const;
export type Kind = (typeof kinds)[number];

export interface Question {
	readonly kind: Kind;
	/** Numbers as they are written; of `last`, words. */
	readonly parts: readonly string[];
}

/** `%a` and `%b` are the numbers, `%l` all of them, or all words. */
const wordings: Readonly<Record<Kind, readonly string[]>> = {
	sum: [
		'What is %a plus %b?',
		'What is %a + %b?',
		'Please add: %a + %b',
		'Tell me the result of %a + %b.',
		'What is the result of %a + %b?',
	],
	difference: [
		'What is %a minus %b?',
		'Work out %a - %b.',
		'Please take away: %a - %b',
		'Tell me the result of %a - %b.',
		'Write the difference %a - %b with its result.',
	],
	largest: [
		'Which of these numbers is the largest: %l?',
		'Look at the numbers %l. Which is the largest?',
		'Please name the largest number: %l',
		'Tell me the greatest of these numbers: %l.',
		'Name the biggest number of these: %l.',
	],
	last: [
		'What is the last word of this list: %l?',
		'Which word comes last: %l?',
		'Tell me the last of these words: %l.',
		'Write down the last of these words: %l.',
		'The words are %l. What is the last word?',
	],
};

/** Wordings of each kind. */
export const wordingCount = 5;

export function textOf({ kind, parts }: Question, wording: number): string {
	const [a = '', b = ''] = parts;
	const list = `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
	return (wordings[kind][wording] ?? '').replace('%a', a).replace('%b', b).replace('%l', list);
}

/** Words of a list. */
export const nouns =
	'apple basket bottle branch bread bridge butter button candle carpet castle cloud corner desert engine feather field finger flower forest garden glass hammer harbour honey island jacket kitchen ladder lamp leaf letter market mirror mountain needle ocean orange paper pencil pillow pocket potato rabbit river rocket saddle shadow shirt silver stone street table ticket tower valley village wagon window winter'.split(
		' ',
	);
