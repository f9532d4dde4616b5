/** @file A word written backwards, or copied; difficulty is its number of letters. */
import type { Random } from '#base/random.ts';
import { end, letterMarks, letters } from '../alphabet.ts';
import { defineEnvironment } from '../environment.ts';
import type { Environment, Item, View } from '../environment.ts';
import { checkDifficulty, checkStratum, drawFrom, isHeldOutKey } from '../held-out.ts';
import { decoysOf, drawDecoys, drawOffsets, mostDecoys, offsetOf } from './index-hints.ts';
import { readMarked, reversed, writeMarked } from './index-hints.ts';

const directions = ['reverse', 'copy'] as const;
type Direction = (typeof directions)[number];

/** The sign after a word says what to do with it, so one seedling can learn both. */
const signs: Readonly<Record<Direction, string>> = { reverse: '<', copy: '=' };

const strata = ['all'] as const;
const difficulty = { unit: 'letters', min: 1, max: 30 } as const;
const wordPattern = /^[a-z]{1,30}$/;

/** The word of an item; items may come from a file, so a wrong one is refused. */
function wordOf(item: Item): string {
	const word = item['word'];
	if (typeof word !== 'string' || !wordPattern.test(word))
		throw new TypeError('A word must have 1 to 30 letters a to z.');
	return word;
}

function drawWord(n: number, random: Random): string {
	let word = '';
	for (let i = 0; i < n; i++) word += letters.charAt(random.integer(0, letters.length - 1));
	return word;
}

function space(n: number, stratum: string): number {
	checkStratum(strata, stratum);
	return letters.length ** n;
}

const keyOf = (item: Item): string => `reversal/${wordOf(item)}`;
const isHeldOut = (item: Item): boolean =>
	isHeldOutKey(keyOf(item), space(wordOf(item).length, 'all'));

function parse(text: string): { item: Item } | { error: string } {
	const word = text.length > 200 ? '' : text.trim().toLowerCase();
	return wordPattern.test(word)
		? { item: { word } }
		: { error: 'Type one word of 1 to 30 letters a to z, like hello.' };
}

/**
 * `AhBeClDlEo<` → `EoDlClBeAh$`: reversing begins at the last mark and goes down the circle to the
 * first, copying goes up. Either way each letter keeps its mark, so it can be looked up.
 */
function create(direction: Direction): Environment {
	const back = direction === 'reverse';
	const step = back ? -1 : 1;
	const first = (word: string, view: View): number => offsetOf(view) + (back ? word.length - 1 : 0);
	return {
		name: 'reversal',
		title: back ? 'Reversal' : 'Copying',
		noun: ['word', 'words'],
		verb: direction,
		difficulty,
		base: [1, 8],
		strata,
		model: 'reversal',
		endMark: end,
		maxTokens: (n) => ({ prompt: 2 * n + 2 + 2 * mostDecoys, answer: 2 * n + 1 }),
		draw(n, random, stratum = 'all', split = 'training') {
			checkDifficulty(difficulty, n);
			checkStratum(strata, stratum);
			return drawFrom(split, () => ({ word: drawWord(n, random) }), isHeldOut);
		},
		space,
		keyOf,
		stratumOf: () => 'all',
		difficultyOf: (item) => wordOf(item).length,
		isHeldOut,
		views: (item, count, random) =>
			drawOffsets(count, random).map((offset, i) => ({
				offset,
				decoys:
					i === 0 ? '' : drawDecoys(random, letterMarks, letters, offset, wordOf(item).length),
			})),
		prompt: (item, view) =>
			decoysOf(view) + writeMarked(wordOf(item), letterMarks, offsetOf(view), 1) + signs[direction],
		read(item, view, completion) {
			const read = readMarked(completion, letterMarks, first(wordOf(item), view), step, letters);
			return 'malformed' in read ? read : { answer: read.symbols };
		},
		write: (item, view, answer) =>
			writeMarked(answer, letterMarks, first(wordOf(item), view), step) + end,
		solve: (item) => (back ? reversed(wordOf(item)) : wordOf(item)),
		parse,
		show: wordOf,
	};
}

export const reversal = defineEnvironment({
	name: 'reversal',
	title: 'Reversal',
	about: 'Writes a word backwards, or copies it; each letter more is a step harder.',
	papers: ['https://arxiv.org/abs/2310.16028', 'https://arxiv.org/abs/2502.01612'],
	knobs: {
		direction: {
			kind: 'choice',
			label: 'Direction',
			help: 'What is done with the word: written backwards, or copied as it is.',
			default: 'reverse',
			options: directions,
		},
	},
	create: ({ direction }) => create(direction),
});
