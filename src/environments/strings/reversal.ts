/** @file A word written backwards, or copied; difficulty is its number of letters. */
import type { Random } from '#base/random.ts';
import { end, letterMarks, letters } from '../alphabet.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { anyOrder } from '../chance.ts';
import { singleTurn } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { decoysOf, drawDecoys, drawOffsets, mostDecoys, offsetOf } from './index-hints.ts';
import { readMarked, reversed, writeMarked } from './index-hints.ts';
import { sequenceFaults } from './sequence-faults.ts';

const directions = ['reverse', 'copy'] as const;
type Direction = (typeof directions)[number];

const meanings = ['taught', 'swapped'] as const;
type Meaning = (typeof meanings)[number];
/** What the sign of each direction meant to a seedling that now has to learn otherwise. */
const other: Readonly<Record<Direction, Direction>> = { reverse: 'copy', copy: 'reverse' };

/** The sign after a word says what to do with it, so one seedling can learn both. */
const signs: Readonly<Record<Direction, string>> = { reverse: '<', copy: '=' };

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

const tasks = defineTasks({
	difficulty: { min: 1, max: 30 },
	sample: (n, random) => ({ word: drawWord(n, random) }),
	space: (n) => letters.length ** n,
	keyOf: (item) => `reversal/${wordOf(item)}`,
	difficultyOf: (item) => wordOf(item).length,
	views: (item, count, random) =>
		drawOffsets(count, random).map((offset, i) => ({
			offset,
			decoys: i === 0 ? '' : drawDecoys(random, letterMarks, letters, offset, wordOf(item).length),
		})),
});

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
function create(direction: Direction, means: Meaning) {
	const sign = signs[means === 'taught' ? direction : other[direction]];
	const back = direction === 'reverse';
	const step = back ? -1 : 1;
	const first = (word: string, view: View): number => offsetOf(view) + (back ? word.length - 1 : 0);
	const answers: AnswerFormat = {
		endMark: end,
		read(item, view, completion) {
			const read = readMarked(completion, letterMarks, first(wordOf(item), view), step, letters);
			return 'malformed' in read ? read : { answer: read.symbols };
		},
		write: (item, view, answer) =>
			writeMarked(answer, letterMarks, first(wordOf(item), view), step) + end,
	};
	const reference: Reference = {
		solve: (item) => (back ? reversed(wordOf(item)) : wordOf(item)),
	};
	return {
		name: 'reversal',
		tasks,
		open: (item, view) =>
			singleTurn(decoysOf(view) + writeMarked(wordOf(item), letterMarks, offsetOf(view), 1) + sign),
		maxTokens: (n) => ({ prompt: 2 * n + 2 + 2 * mostDecoys, answer: 2 * n + 1 }),
		chance: { of: 'the letters in any order', share: (n) => anyOrder(n, letters.length) },
		score: scoreByReference(answers, reference),
		answers,
		reference,
		faults: sequenceFaults(reference.solve, letters, 'letter'),
		words: {
			title: back ? 'Reversal' : 'Copying',
			noun: ['word', 'words'],
			verb: direction,
			unit: 'letters',
			notation:
				'The sign before a letter marks its place and goes along with it; the first sign is another each time, and the last one says what to do. What stands before _ says nothing.',
			show: wordOf,
			parse,
		},
	} satisfies Environment;
}

export const reversal = defineEnvironment({
	name: 'reversal',
	title: 'Reversal',
	ability: 'nlp',
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
		means: {
			kind: 'choice',
			label: 'Signs mean',
			help: 'taught: what the seedling was taught; swapped: each sign asks for what the other one did, which only feedback can tell it.',
			default: 'taught',
			options: meanings,
		},
	},
	create: ({ direction, means }) => create(direction, means),
});
