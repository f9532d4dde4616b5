/**
 * @file Small questions, asked in English in several wordings: sums, differences, the largest number and the last word of a
 * list. An answer is a sentence; the last number in it counts, or the last word of the list. Wordings are views, so that
 * answers can vote (LMSI, Huang et al. 2022).
 */
import type { Random } from '#base/random.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { singleMessage } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { kinds, nouns, textOf, wordingCount, type Kind, type Question } from './wordings.ts';

/** Largest operand of sums and differences, and members of a list, by difficulty. */
const reach = [9, 20, 99] as const;
const listed = [3, 5, 7] as const;
/** Of any number in a question. */
const largest = 999;
const difficulty = { min: 1, max: 3 } as const;
/** Numbers and words that may be the answer, by difficulty. */
const choices: Readonly<Record<Kind, readonly number[]>> = {
	sum: [17, 19, 177],
	difference: [9, 19, 99],
	largest: listed,
	last: listed,
};
const numbersInWords =
	'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
		' ',
	);

/** Is this kind about a list? */
const isList = (kind: Kind): boolean => kind === 'largest' || kind === 'last';

/** The parts of an item; items may come from a file, so a wrong one is refused. */
function partsOf(item: Item): Question {
	const kind = kinds.find((known) => known === item['kind']);
	const read: unknown = kind === 'last' ? item['words'] : item['numbers'];
	const parts = (Array.isArray(read) ? (read as readonly unknown[]) : []).map((part) =>
		typeof part === (kind === 'last' ? 'string' : 'number') ? String(part) : '',
	);
	if (!kind || !isQuestion({ kind, parts }))
		throw new TypeError(
			`A question must have a kind and whole numbers from 0 to ${largest}: two, or two to seven in a list, or as many different words; no difference goes below zero.`,
		);
	return { kind, parts };
}

function isQuestion({ kind, parts }: Question): boolean {
	const { length } = parts;
	if (isList(kind) ? length < 2 || length > listed[2] : length !== 2) return false;
	if (kind === 'last')
		return new Set(parts).size === length && parts.every((part) => /^[a-z]{2,20}$/.test(part));
	const [a = 0, b = 0] = parts.map(Number);
	return (
		parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= largest) &&
		(kind !== 'difference' || a >= b)
	);
}

/** A question as an item. */
const itemOf = ({ kind, parts }: Question): Item =>
	kind === 'last' ? { kind, words: parts } : { kind, numbers: parts.map(Number) };

function wordingOf({ wording }: View): number {
	const last = wordingCount - 1;
	if (typeof wording === 'number' && Number.isInteger(wording) && wording >= 0 && wording <= last)
		return wording;
	throw new TypeError(`A view of a question has a wording from 0 to ${last}.`);
}

/**
 * The question in a view's order of its numbers, where the order does not matter: a small model names the number at a
 * certain place, so that answers in one order agree whether they are true or not.
 */
function inOrder({ kind, parts }: Question, { turn = 0 }: View): Question {
	if (typeof turn !== 'number' || !Number.isInteger(turn) || turn < 0)
		throw new TypeError('A view of a question begins with one of its numbers, counted from 0.');
	const from = kind === 'sum' || kind === 'largest' ? turn % parts.length : 0;
	return { kind, parts: [...parts.slice(from), ...parts.slice(0, from)] };
}

function sample(n: number, random: Random, stratum: string): Item {
	const most = reach[n - 1] ?? reach[2];
	const least = n === 1 ? 1 : (reach[n - 2] ?? 0) + 1;
	const second = () => random.integer(1, n === 2 ? 9 : most);
	if (stratum === 'last')
		return { kind: stratum, words: random.shuffle(nouns).slice(0, listed[n - 1]) };
	if (stratum === 'largest') {
		const numbers = new Set<number>();
		while (numbers.size < (listed[n - 1] ?? listed[2])) numbers.add(random.integer(10, 99));
		return { kind: stratum, numbers: [...numbers] };
	}
	const pair = [random.integer(least, most), second()];
	// Nothing goes below zero.
	return { kind: stratum, numbers: stratum === 'sum' ? pair : pair.sort((a, b) => b - a) };
}

function difficultyOf(item: Item): number {
	const { kind, parts } = partsOf(item);
	const size = isList(kind) ? parts.length : Math.max(...parts.map(Number));
	const steps: readonly number[] = isList(kind) ? listed : reach;
	const found = steps.findIndex((most) => size <= most);
	return found < 0 ? difficulty.max : found + 1;
}

/** Different sums, and as many differences, by difficulty: `a + b` and `b + a` are one. */
const pairs = [45, 99, 4740] as const;
/** The fewest lists of a difficulty: three of the 90 numbers, in any order; of the words there are more. */
const lists = 117_480;

const tasks = defineTasks({
	difficulty,
	strata: kinds,
	sample,
	space: (n, stratum) => (isList(stratum as Kind) ? lists : (pairs[n - 1] ?? 0)),
	keyOf: (item) => {
		const { kind, parts } = partsOf(item);
		const same = kind === 'last' ? parts : parts.toSorted((a, b) => Number(a) - Number(b));
		return `questions/${kind}/${same.join('/')}`;
	},
	stratumOf: (item) => partsOf(item).kind,
	difficultyOf,
	views: (_item, count, random) =>
		[0, ...random.shuffle([1, 2, 3, 4])]
			.slice(0, count)
			.map((wording, turn) => ({ wording, ...(turn > 0 && { turn }) })),
});

/** The last number of a text, in digits or as a word up to twenty; undefined if it has none. */
function lastNumber(text: string): string | undefined {
	const found = text.toLowerCase().match(/-?\d+(?:,\d{3})*(?:\.\d+)?|[a-z]+/g) ?? [];
	for (const word of found.reverse()) {
		if (/\d/.test(word)) return word.replaceAll(',', '');
		const value = numbersInWords.indexOf(word);
		if (value >= 0) return String(value);
	}
	return undefined;
}

/** The last word of a text that is in the list; undefined if there is none, or all it does is say the list again. */
function lastListed(text: string, list: readonly string[]): string | undefined {
	const said = (text.toLowerCase().match(/[a-z]+/g) ?? []).filter((word) => list.includes(word));
	return said.join(' ') === list.join(' ') ? undefined : said.at(-1);
}

const solve = (item: Item): string => {
	const { kind, parts } = partsOf(item);
	const [a = 0, b = 0] = parts.map(Number);
	switch (kind) {
		case 'sum':
			return String(a + b);
		case 'difference':
			return String(a - b);
		case 'largest':
			return String(Math.max(...parts.map(Number)));
		case 'last':
			return parts.at(-1) ?? '';
		default:
			return kind satisfies never;
	}
};

const answers: AnswerFormat = {
	// A model's own end token; engines leave it out.
	endMark: '',
	read(item, _view, completion) {
		const { kind, parts } = partsOf(item);
		const isWord = kind === 'last';
		const answer = isWord ? lastListed(completion, parts) : lastNumber(completion);
		if (answer !== undefined) return { answer };
		return { malformed: isWord ? 'it chooses no word of the list' : 'it names no number' };
	},
	write(item, _view, answer) {
		const { kind, parts } = partsOf(item);
		if (isList(kind)) return `The ${kind} ${kind === 'last' ? 'word' : 'number'} is ${answer}.`;
		return `${parts.join(kind === 'sum' ? ' + ' : ' - ')} = ${answer}`;
	},
};

const reference: Reference = { solve };

/** `4 + 3`, a list alone, or one of the wordings; only what `partsOf` takes, and no difference below zero. */
function parse(text: string): { item: Item } | { error: string } {
	const asked = text.trim().replace(/\s*=$/, '');
	const numbers = text.match(/\d+/g) ?? [];
	const words = text.match(/[a-z]+/g) ?? [];
	for (const kind of kinds)
		for (const parts of kind === 'last' ? runsOf(words) : [numbers, numbers.toReversed()])
			if (isQuestion({ kind, parts }) && spellings({ kind, parts }).includes(asked))
				return { item: itemOf({ kind, parts }) };
	return {
		error:
			'Type a sum such as 4 + 3, a difference such as 9 - 4, numbers of which to find the largest, such as 17, 64, 30, or words of which to find the last, such as apple, river, stone.',
	};
}

/** Lists that may stand somewhere in a row of words: as many as a question has, `and` left out. */
const runsOf = (words: readonly string[]): readonly (readonly string[])[] =>
	words.flatMap((_, from) =>
		words.slice(from, from + listed[2] + 1).flatMap((__, i) => {
			const list = words.slice(from, from + i + 1).filter((word) => word !== 'and');
			return list.length >= 2 && list.length <= listed[2] ? [list] : [];
		}),
	);

/** Every way to write a question down. */
const spellings = (question: Question): readonly string[] =>
	[{ sum: ' + ', difference: ' - ', largest: ', ', last: ', ' }[question.kind]]
		.map((sign) => question.parts.join(sign))
		.concat(Array.from({ length: wordingCount }, (_, i) => textOf(question, i)));

export const questions = defineEnvironment({
	name: 'questions',
	title: 'Small questions',
	ability: 'math',
	about:
		'Answers small questions in English sentences: sums, differences, the largest number, the last word.',
	papers: ['https://arxiv.org/abs/2110.14168', 'https://arxiv.org/abs/2210.11610'],
	knobs: {},
	create: () =>
		({
			name: 'questions',
			tasks,
			chat: true,
			open: (item: Item, view: View) =>
				singleMessage(textOf(inOrder(partsOf(item), view), wordingOf(view))),
			maxTokens: () => ({ prompt: 96, answer: 48 }),
			chance: {
				of: 'any number that it could be',
				share: (n, stratum) => 1 / (choices[stratum as Kind][n - 1] ?? Infinity),
			},
			score: scoreByReference(answers, reference),
			answers,
			reference,
			words: {
				title: 'Small questions',
				noun: ['question', 'questions'],
				verb: 'answer',
				unit: 'steps',
				show: (item) => textOf(partsOf(item), 0),
				parse,
			},
		}) satisfies Environment,
});
