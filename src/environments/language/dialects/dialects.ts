/**
 * @file Words in dialects whose rules nobody is told: each land has a digit for each letter, which only solved words of
 * the same land give away. Difficulty is the number of letters.
 *
 * `Kbad=` → `b3a1d0$`. Solved words may stand before the task, `Kbh=b3h5$Kda=d0a1$Kbad=`: a model that was taught to read them
 * knows a land from what it has solved there, without a change of its weights (in-context learning, Brown et al. 2020;
 * associative recall, Arora et al. 2023). In strange lands, which seedlings are taught in, each task has a rule of its own,
 * so that nothing but the cases in view can help.
 */
import { derive, random as stream, type Random } from '#base/random.ts';
import { end } from '../../alphabet.ts';
import type { AnswerFormat, Reference, Spoken } from '../../answers.ts';
import { singleTurn } from '../../dialogue.ts';
import { defineEnvironment, type Environment } from '../../environment.ts';
import type { Cases } from '../../facets/cases.ts';
import type { Item, View } from '../../item.ts';
import { scoreByReference } from '../../score.ts';
import { sequenceFaults } from '../../strings/sequence-faults.ts';
import { defineTasks } from '../../tasks.ts';
import { drawWord, fewestLetters, isWord, lands, mostLetters, phraseOf } from './rules.ts';
import { said, sayIn, spoken, sideBySide, wordsOf, type Phrase } from './rules.ts';

const knownOptions = ['known', 'strange'] as const;
type Known = (typeof knownOptions)[number];

/** Cases before a task in a strange land at most, beside those that tell what it asks for. */
const mostCases = 6;
/** Cases before a task at most, and characters of each, where they have three letters. */
const [mostShown, longestCase] = [16, 12];

const solve = (item: Item): string => {
	const phrase = phraseOf(item);
	return sayIn(phrase, phrase.word);
};
const reference: Reference = { solve };

const answers: AnswerFormat = {
	endMark: end,
	/** The digits are the answer; that each stands behind its letter is form. */
	read(item, _view, text) {
		const { word } = phraseOf(item);
		if (!text.endsWith(end)) return { malformed: 'no end mark' };
		const pairs = text.slice(0, -1).match(/[^]{1,2}/g) ?? [];
		const digits = pairs.map((pair) => pair.charAt(1)).join('');
		if (pairs.map((pair) => pair.charAt(0)).join('') !== word || !/^[0-7]+$/.test(digits))
			return { malformed: 'it is not the word with a digit behind each letter' };
		return digits.length === word.length
			? { answer: digits }
			: { malformed: 'a letter has no digit' };
	},
	write: (item, _view, answer) => sideBySide(phraseOf(item).word, answer) + end,
};

/** `K: b a d`, or `K7: b a d` in a strange land; spaces make letters words, by which cases are compared. */
const show = (item: Item): string => {
	const { land, word, rule } = phraseOf(item);
	return `${land}${rule === 0 ? '' : rule}: ${Array.from(word).join(' ')}`;
};

/** `Kbad=` */
const questionOf = (land: string, word: string): string => `${land}${word}=`;

const cases: Cases = {
	write: (solved) =>
		solved
			.map(({ task, text }) => questionOf(task.charAt(0), task.replace(/[^a-h]/g, '')) + text)
			.join(''),
};

/** Words of the task's land, of its letters and at most two others, which mostly have all of its letters. */
function wordsBefore({ word }: Phrase, random: Random): readonly string[] {
	const others = Array.from(spoken).filter((letter) => !word.includes(letter));
	const letters = [...word, ...random.shuffle(others).slice(0, random.integer(0, 2))];
	const words = Array.from({ length: random.integer(1, mostCases) }, () =>
		random.shuffle(letters).slice(0, random.integer(2, 3)).join(''),
	);
	const missing = Array.from(word).filter((letter) => !words.join('').includes(letter));
	const tellsAll = random.integer(1, 4) > 1;
	for (let i = 0; tellsAll && i < missing.length; i += 2) {
		const [first = '', second] = missing.slice(i, i + 2);
		const other = second ?? (first === 'a' ? 'b' : 'a');
		words.push(random.shuffle([first, other]).join(''));
	}
	return random.shuffle(words);
}

/** All that is said of a strange land, word after word, the task last: each answer is learnt, though the first are guesses. */
export function episodeOf(item: Item, view: View): readonly Spoken[] {
	const phrase = phraseOf(item);
	const words = [...wordsBefore(phrase, stream(derive(seedOf(view), 'cases'))), phrase.word];
	return words.flatMap((word): readonly Spoken[] => [
		{ by: 'environment', content: questionOf(phrase.land, word), learnt: false },
		{ by: 'model', content: sideBySide(word, sayIn(phrase, word)) + end, learnt: true },
	]);
}

function seedOf({ seed }: View): number {
	if (typeof seed === 'number' && Number.isInteger(seed) && seed >= 0) return seed;
	throw new TypeError("The view's seed must be a whole number from 0.");
}

const tasksIn = (known: Known) =>
	defineTasks({
		difficulty: { min: fewestLetters, max: mostLetters },
		sample: (n, random: Random) => ({
			land: random.pick(Array.from(lands)),
			word: drawWord(n, random),
			...(known === 'strange' && { rule: random.integer(1, 2 ** 31 - 1) }),
		}),
		space: (n) => (known === 'known' ? lands.length * wordsOf(n) : Infinity),
		keyOf: (item) => `dialects/${show(item)}`,
		kindOf: (item) => phraseOf(item).land,
		difficultyOf: (item) => phraseOf(item).word.length,
		...(known === 'strange' && {
			views: (_item: Item, count: number, random: Random) =>
				Array.from({ length: count }, () => ({ seed: random.integer(0, 2 ** 31 - 1) })),
		}),
	});

function parse(text: string): { item: Item } | { error: string } {
	const error = { error: 'Type a land from A to P and a word in it, like K: b a d.' };
	const [, land = '', rule = '', spelt = ''] =
		/^\s*([A-P])(\d{0,10}):?\s*((?:[a-h]\s*){2,8})$/.exec(text.slice(0, 100)) ?? [];
	const word = spelt.replace(/\s/g, '');
	if (!isWord(word)) return error;
	return { item: { land, word, ...(Number(rule) > 0 && { rule: Number(rule) }) } };
}

function create(known: Known) {
	return {
		name: 'dialects',
		tasks: tasksIn(known),
		open(item, view) {
			const phrase = phraseOf(item);
			const told = known === 'strange' ? episodeOf(item, view).slice(0, -2) : [];
			const before = told.map(({ content }) => content).join('');
			return singleTurn(before + questionOf(phrase.land, phrase.word));
		},
		maxTokens: (n) => ({ prompt: n + 2 + mostShown * longestCase, answer: 2 * n + 1 }),
		score: scoreByReference(answers, reference),
		answers,
		reference,
		faults: sequenceFaults(solve, said, 'digit'),
		cases,
		words: {
			title: known === 'known' ? 'Dialects' : 'Strange dialects',
			noun: ['word', 'words'],
			verb: 'say',
			unit: 'letters',
			show,
			parse,
		},
	} satisfies Environment;
}

export const dialects = defineEnvironment({
	name: 'dialects',
	title: 'Dialects',
	ability: 'nlp',
	about:
		'Says words in lands whose rules nobody is told: only words that were solved there before give them away.',
	papers: ['https://arxiv.org/abs/2005.14165', 'https://arxiv.org/abs/2312.04927'],
	knobs: {
		lands: {
			kind: 'choice',
			label: 'Lands',
			help: 'known: sixteen lands whose rules stay; strange: a rule for each task, with solved words before it.',
			default: 'known',
			options: knownOptions,
		},
	},
	create: ({ lands: known }) => create(known),
});
