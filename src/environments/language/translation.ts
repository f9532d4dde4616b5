/**
 * @file Translation between two made-up languages (`grammar.ts`); difficulty is the number of words.
 *
 * `Aka Bte Cso Dri=` → `Bmo Aco Dye Cfo$` without the spaces: each word brings along the mark of the word that it
 * translates (index hints), so the new word order can be read off the marks.
 */
import type { Random } from '#base/random.ts';
import { end, letterMarks, letters, pad } from '../alphabet.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { singleTurn } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { circle, drawDecoys, drawOffsets, mostDecoys, offsetOf } from '../strings/index-hints.ts';
import { defineTasks } from '../tasks.ts';
import type { Knowledge } from '../facets/knowledge.ts';
import { countOf, drawSentence, fewestWords, isSentence, mostWords } from './grammar.ts';
import {
	newWords,
	newWordsIn,
	sentencesWith,
	translate,
	type NewWord,
	type Vocabulary,
} from './grammar.ts';
import { translationFaults } from './faults.ts';

/** The words of an item; items may come from a file, so wrong ones are refused. */
function wordsOf(item: Item): readonly string[] {
	const { sentence } = item;
	const words = typeof sentence === 'string' ? sentence.split(' ') : [];
	if (!isSentence(words) && !isSentence(words, 'new'))
		throw new TypeError('A sentence must be a subject and a verb of Tavi.');
	return words;
}

/** Mark of a place, counted on around the circle. */
const markOf = (view: View, place: number): string =>
	letterMarks.charAt((offsetOf(view) + place) % circle);

/** Marked words before a sentence that do not belong to it, so that marks far apart meet in short ones, too. */
const drawStrangers = (random: Random, offset: number, places: number): string =>
	drawDecoys(random, letterMarks, letters, offset, places).replace(
		/../g,
		(marked) => marked + random.pick(Array.from('aieo')),
	);

/** The strangers of a view with what divides them from the sentence; views may come from a file. */
function strangersOf(view: View): string {
	const strangers = view['decoys'] ?? '';
	if (typeof strangers !== 'string' || !/^(?:[A-Z0-5][a-z]{2}){0,6}$/.test(strangers))
		throw new TypeError("The view's decoys must be up to six marked words.");
	return strangers && strangers + pad;
}

const tasksOf = (of: Vocabulary) =>
	defineTasks({
		difficulty: { min: fewestWords, max: mostWords },
		sample: (n, random) => ({ sentence: drawSentence(n, random, of).join(' ') }),
		space: (n) => countOf(n, of),
		keyOf: (item) => `translation/${wordsOf(item).join(' ')}`,
		difficultyOf: (item) => wordsOf(item).length,
		// A new sentence is one about the first new word in it.
		...(of === 'new' && { kindOf: (item: Item) => firstNewIn(wordsOf(item)) }),
		views: (item, count, random) =>
			drawOffsets(count, random).map((offset, i) => ({
				offset,
				decoys: i === 0 ? '' : drawStrangers(random, offset, wordsOf(item).length),
			})),
	});

/** Places of the source in the order of their translations; words past the last go on around the circle. */
function placesFor(item: Item, count: number): readonly number[] {
	const places = translate(wordsOf(item)).map(({ place }) => place);
	return Array.from({ length: count }, (_, i) => places[i] ?? i);
}

const answers: AnswerFormat = {
	endMark: end,
	/** Which words stand where is the answer; whether they carry marks of the source is form. */
	read(item, view, completion) {
		const marks = new Set(wordsOf(item).map((_word, place) => markOf(view, place)));
		const body = completion.endsWith(end) ? completion.slice(0, -1) : undefined;
		if (body === undefined) return { malformed: 'no end mark' };
		const words = body.match(/[^]{1,3}/g) ?? [];
		if (words.length === 0) return { malformed: 'nothing before the end mark' };
		if (words.length > mostWords) return { malformed: `more than ${mostWords} words` };
		for (const [i, word] of words.entries()) {
			if (!/^.[a-z]{2}$/.test(word)) return { malformed: `word ${i + 1} is not whole` };
			if (!marks.has(word.charAt(0))) return { malformed: `word ${i + 1} has no mark of a word` };
		}
		return { answer: words.map((word) => word.slice(1)).join(' ') };
	},
	write(item, view, answer) {
		const words = answer.split(' ');
		const places = placesFor(item, words.length);
		return words.map((word, i) => markOf(view, places[i] ?? i) + word).join('') + end;
	},
};

const solve = (item: Item): string =>
	translate(wordsOf(item))
		.map(({ word }) => word)
		.join(' ');
const reference: Reference = { solve };

const promptOf = (item: Item, view: View): string =>
	`${strangersOf(view)}${wordsOf(item)
		.map((word, place) => markOf(view, place) + word)
		.join('')}=`;

const parseIn =
	(of: Vocabulary) =>
	(text: string): { item: Item } | { error: string } => {
		const words = text.length > 200 ? [] : text.trim().toLowerCase().split(/\s+/);
		const like = of === 'new' ? 'with a new word in it, like ca te so ri' : 'like ka te so ri';
		return isSentence(words, of)
			? { item: { sentence: words.join(' ') } }
			: { error: `Type a sentence of Tavi, ${like}.` };
	};

/** Sentences that a new word is practised in. */
const sentencesOfWord = 48;
/** The new words as a body of knowledge: nobody can guess them who has not learnt them. */
const dictionary: Knowledge = {
	records: newWords.map((word) => ({
		id: idOf(word),
		text: `The ${word.kind} ${word.tavi}- of Tavi is ${word.moru}- in Moru.`,
	})),
	about: (id) =>
		newWords
			.filter((word) => idOf(word) === id)
			.flatMap((word) => sentencesWith(word, sentencesOfWord))
			.map((sentence) => ({ sentence })),
};
function idOf({ kind, tavi }: Pick<NewWord, 'kind' | 'tavi'>): string {
	return `${kind} ${tavi}`;
}
function firstNewIn(words: readonly string[]): string {
	const found = newWordsIn(words)[0];
	return found ? idOf(found) : 'taught';
}

export const translation = defineEnvironment({
	name: 'translation',
	title: 'Translation',
	ability: 'nlp',
	about:
		'Translates between two made-up languages with their own word order and agreement; each word more is a step harder.',
	papers: ['https://arxiv.org/abs/2310.16028', 'https://arxiv.org/abs/2309.16575'],
	knobs: {
		words: {
			kind: 'choice',
			label: 'Words',
			help: 'taught: words that the seedling knows; new: sentences with some of 24 words that it never met, which are records to learn from.',
			default: 'taught',
			options: ['taught', 'new'],
		},
	},
	create: ({ words }) =>
		({
			name: 'translation',
			tasks: tasksOf(words),
			open: (item, view) => singleTurn(promptOf(item, view)),
			maxTokens: (n) => ({ prompt: 3 * n + 2 + 3 * mostDecoys, answer: 3 * n + 1 }),
			chance: { of: 'any sentence of that many words', share: (n) => 1 / countOf(n, words) },
			score: scoreByReference(answers, reference),
			answers,
			reference,
			faults: translationFaults(solve),
			...(words === 'new' && { knowledge: dictionary }),
			words: {
				title: 'Translation',
				noun: ['sentence', 'sentences'],
				verb: 'translate',
				unit: 'words',
				notation:
					'The sign before a word marks it, and its translation has the same sign. What stands before _ says nothing.',
				show: (item) => wordsOf(item).join(' '),
				parse: parseIn(words),
			},
		}) satisfies Environment,
});
