/**
 * @file Words with an instruction each, all of which must be followed: capitals, backwards, brackets, two letters only, no
 * vowel. The characters of a seedling for what `instructions.ts` asks of a language model. Difficulty is the number of words.
 *
 * `3dog^4cat(5sun~=` → `3DOG4(cat)5nus$`: a mark says which word is meant (index hint), and its instruction stands after
 * it. Views begin at other marks and shuffle the words.
 */
import type { Random } from '#base/random.ts';
import { digits, end } from '../alphabet.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { singleTurn } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import { placeOf, spoilBy, type Faults, type Spoil } from '../facets/faults.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { arranged, drawOrders } from '../strings/shuffled.ts';
import { defineTasks } from '../tasks.ts';

/** Most words: two of them never share a mark. */
const mostWords = 9;
const consonants = 'bcdfghjklmnpqrstvwxyz';
const vowels = 'aeiou';

/** By the sign that stands for it. */
const instructions: Readonly<Record<string, (word: string) => string>> = {
	'^': (word) => word.toUpperCase(),
	'~': (word) => Array.from(word).reverse().join(''),
	'(': (word) => `(${word})`,
	'#': (word) => word.slice(0, 2),
	'!': (word) => word.replace(/[aeiou]/g, ''),
};
const signs = Object.keys(instructions);
const requestPattern =
	/^[b-df-hj-np-tv-z][aeiou][b-df-hj-np-tv-z][\^~(#!](?: [b-df-hj-np-tv-z][aeiou][b-df-hj-np-tv-z][\^~(#!])*$/;

const readRequest = (text: string): readonly string[] | undefined => {
	const words = requestPattern.test(text) ? text.split(' ') : [];
	return words.length >= 1 && words.length <= mostWords ? words : undefined;
};

/** The words of an item with their signs; items may come from a file, so wrong ones are refused. */
function wordsOf({ request }: Item): readonly string[] {
	const words = typeof request === 'string' ? readRequest(request) : undefined;
	if (!words)
		throw new TypeError(`A request must have 1 to ${mostWords} words, each with its instruction.`);
	return words;
}

const follow = (word: string, sign = word.charAt(3)): string =>
	instructions[sign]?.(word.slice(0, 3)) ?? '';

const drawWord = (random: Random): string =>
	[consonants, vowels, consonants].map((some) => random.pick(Array.from(some))).join('') +
	random.pick(signs);

const tasks = defineTasks({
	difficulty: { min: 1, max: mostWords },
	sample: (n, random) => ({
		request: Array.from({ length: n }, () => drawWord(random)).join(' '),
	}),
	space: (n) => (consonants.length ** 2 * vowels.length * signs.length) ** n,
	keyOf: (item) => `edits/${wordsOf(item).join(' ')}`,
	difficultyOf: (item) => wordsOf(item).length,
	views(_item, count, random) {
		const offsets = random.shuffle(Array.from(digits, Number));
		return drawOrders(Math.min(count, offsets.length), random).map((order, i) => ({
			offset: offsets[i] ?? 0,
			order,
		}));
	},
});

function markAt({ offset }: View, place: number): string {
	if (typeof offset !== 'number' || !Number.isInteger(offset) || !digits.charAt(offset))
		throw new TypeError(`The view's offset must be a whole number from 0 to ${digits.length - 1}.`);
	return digits.charAt((offset + place) % digits.length);
}

/** The places of the words in the order of a view. */
const placesIn = (item: Item, view: View): readonly number[] =>
	arranged([...wordsOf(item).keys()], view);

/** Replies as they stand in the item; too few or too many stay where they are. */
function inOrder(item: Item, view: View, replies: readonly string[]): readonly string[] {
	const places = placesIn(item, view);
	if (replies.length !== places.length) return replies;
	return places.map((_place, i) => replies[places.indexOf(i)] ?? '');
}

const answers: AnswerFormat = {
	endMark: end,
	read(item, view, completion) {
		wordsOf(item); // refuses what is no item
		const body = /^((?:[0-9][a-zA-Z()]+)+)\$$/.exec(completion)?.[1];
		if (body === undefined)
			return { malformed: 'it is not a row of marked words with an end mark' };
		const words = body.match(/[0-9][^0-9]+/g) ?? [];
		if (words.length > mostWords) return { malformed: `more than ${mostWords} words` };
		const wrong = words.findIndex((word, i) => word.charAt(0) !== markAt(view, i));
		const replies = words.map((word) => word.slice(1));
		return wrong < 0
			? { answer: inOrder(item, view, replies).join(' ') }
			: { malformed: `word ${wrong + 1} does not have the mark ${markAt(view, wrong)}` };
	},
	write(item, view, answer) {
		const words = answer.split(' ');
		const places = placesIn(item, view);
		const shown = [...places.map((place) => words[place] ?? ''), ...words.slice(places.length)];
		const told = shown.filter((word) => word !== '');
		return told.map((word, i) => markAt(view, i) + word).join('') + end;
	},
};

const solve = (item: Item): string =>
	wordsOf(item)
		.map((word) => follow(word))
		.join(' ');
const reference: Reference = { solve };

/** Why one word is wrong. */
function wayOf(word: string, said: string | undefined): string {
	if (said === undefined) return 'leaves-out';
	if (said === word.slice(0, 3)) return 'ignores';
	return signs.some((sign) => follow(word, sign) === said) ? 'another-instruction' : 'another-word';
}

const find: Faults['find'] = (item, answer) => {
	const words = wordsOf(item);
	const said = answer.split(' ');
	const at = words.findIndex((word, i) => follow(word) !== said[i]);
	if (at < 0) return said.length > words.length ? { way: 'goes-on' } : null;
	return { way: wayOf(words[at] ?? '', said[at]), at: `at ${placeOf(at + 1, 'word')}` };
};
/** Answers one word by what `change` makes of it. */
const changed =
	(change: (word: string, random: Random) => string): Spoil =>
	(item, answer, random) => {
		const words = wordsOf(item);
		const at = random.integer(0, words.length - 1);
		return [
			answer
				.split(' ')
				.with(at, change(words[at] ?? '', random))
				.join(' '),
		];
	};
const goOn: Spoil = (item, answer, random) =>
	wordsOf(item).length < mostWords ? [`${answer} ${follow(drawWord(random))}`] : [];
const faults: Faults = {
	ways: {
		'leaves-out': 'leaves out a word',
		'goes-on': 'writes a word too many',
		ignores: 'writes a word as it was',
		'another-instruction': 'follows another instruction',
		'another-word': 'writes another word',
	},
	find,
	spoil: spoilBy(find, [
		changed((word) => word.slice(0, 3)),
		changed((word, random) => follow(word, random.pick(signs))),
		changed((word, random) => follow(drawWord(random), word.charAt(3))),
		goOn,
	]),
};

const promptOf = (item: Item, view: View): string =>
	`${arranged(wordsOf(item), view)
		.map((word, i) => markAt(view, i) + word)
		.join('')}=`;

function parse(text: string): { item: Item } | { error: string } {
	const words =
		text.length > 100 ? undefined : readRequest(text.trim().toLowerCase().split(/\s+/).join(' '));
	return words
		? { item: { request: words.join(' ') } }
		: {
				error:
					'Type words of a consonant, a vowel and a consonant, each with one of the signs ^ ~ ( # ! behind it, like dog^ cat( sun~.',
			};
}

export const edits = defineEnvironment({
	name: 'edits',
	title: 'Edits',
	ability: 'instruction-following',
	about:
		'Writes each word as it is told: in capitals, backwards, in brackets, two letters of it, or without the vowel; each word more is a step harder.',
	papers: ['https://arxiv.org/abs/2311.07911', 'https://arxiv.org/abs/2310.20410'],
	knobs: {},
	create: () =>
		({
			name: 'edits',
			tasks,
			open: (item, view) => singleTurn(promptOf(item, view)),
			maxTokens: (n) => ({ prompt: 5 * n + 1, answer: 6 * n + 1 }),
			score: scoreByReference(answers, reference),
			answers,
			reference,
			faults,
			chance: {
				of: 'each word written by any of the instructions',
				share: (n) => signs.length ** -n,
			},
			words: {
				title: 'Edits',
				noun: ['instruction', 'instructions'],
				verb: 'follow',
				unit: 'words',
				notation:
					'The digit before a word marks it, and the sign behind it says how to write it: ^ in capitals, ~ backwards, ( in brackets, # two letters only, ! without the vowel.',
				show: (item) => wordsOf(item).join(' '),
				parse,
			},
		}) satisfies Environment,
});
