/** @file Faults of answers to instructions: the first constraint that is not kept, and changes that break one. */
import { spoilBy, type Faults, type Spoil } from '../facets/faults.ts';
import type { Item } from '../item.ts';
import { holds, kinds, splitConstraint } from './constraints.ts';
import { wordsOf } from './measure.ts';

/** `does not keep "Use exactly … bullet points"`. */
const ways: Readonly<Record<string, string>> = Object.fromEntries(
	Object.entries(kinds).map(([name, { sentence }]) => {
		const [short = ''] = sentence.replaceAll('"', '').replace('%', '…').split(/[,.]/);
		return [name, `does not keep "${short}"`];
	}),
);

/** Enough copies to pass the largest number of words that an instruction allows. */
const copies = [2, 4, 8, 16] as const;

const changes: readonly Spoil[] = [
	(_item, answer) => copies.map((n) => Array.from({ length: n }, () => answer).join(' ')),
	(_item, answer) => {
		const words = answer.split(' ');
		return [Math.ceil(words.length / 2), 3, 1].map((n) => words.slice(0, n).join(' '));
	},
	(_item, answer) => [answer.toUpperCase(), answer.toLowerCase()],
	(_item, answer) => [answer.replace(/ /, ', ')],
	(_item, answer) => [`Here it is: ${answer}`, `${answer} That is all.`, answer.slice(1, -1)],
	(_item, answer) => [answer.replace(/^\s*[-*]\s+/m, ''), answer.replace(/\n\s*\n/, '\n')],
];

/** Leaves out a word that is asked for, or says one that is not allowed. */
const misplaceWord =
	(constraintsOf: (item: Item) => readonly string[]): Spoil =>
	(item, answer) =>
		constraintsOf(item).flatMap((constraint) => {
			const [name, value] = splitConstraint(constraint);
			if (name === 'avoid') return [`${answer} ${value}`];
			return wordsOf(value).map((word) =>
				answer.replaceAll(new RegExp(`\\b${word}\\b\\s*`, 'gi'), ''),
			);
		});

export function instructionFaults(constraintsOf: (item: Item) => readonly string[]): Faults {
	const find: Faults['find'] = (item, answer) => {
		const broken = constraintsOf(item).find((constraint) => !holds(constraint, answer));
		return broken === undefined ? null : { way: splitConstraint(broken)[0] };
	};
	const spoil = spoilBy(find, [
		...[...changes, misplaceWord(constraintsOf)].map(
			(change): Spoil =>
				(item, answer, random) =>
					change(item, answer, random)
						.map((text) => text.trim())
						.filter((text) => text !== ''),
		),
	]);
	return { ways, find, spoil };
}
