/**
 * @file Small questions about numbers, asked in English in several wordings: sums, differences and the largest of a list.
 * An answer is a sentence; the last number in it counts. Wordings are views, so that answers can vote (LMSI, Huang et al.
 * 2022).
 */
import type { Random } from '#base/random.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { singleMessage } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';

const kinds = ['sum', 'difference', 'largest'] as const;
type Kind = (typeof kinds)[number];

/** `%a` and `%b` are the numbers, `%l` all of them. */
const wordings: Readonly<Record<Kind, readonly string[]>> = {
	sum: [
		'What is %a plus %b?',
		'Add %a and %b. What do you get?',
		'What is %a + %b?',
		'How much are %a and %b together?',
		'Tell me the sum of %a and %b.',
	],
	difference: [
		'What is %a minus %b?',
		'Take %b away from %a. What is left?',
		'What is %a - %b?',
		'How much is left of %a if %b are gone?',
		'Tell me the difference of %a and %b.',
	],
	largest: [
		'Which of these numbers is the largest: %l?',
		'Look at the numbers %l. Which is the largest?',
		'What is the largest number of %l?',
		'Tell me the greatest of these numbers: %l.',
		'Which number is bigger than all the others: %l?',
	],
};

/** Largest operand of sums and differences, and numbers in a list, by difficulty. */
const reach = [9, 20, 99] as const;
const listed = [3, 5, 7] as const;
/** Of any number in a question. */
const largest = 999;
const difficulty = { min: 1, max: 3 } as const;
/** Numbers that may be the answer, by difficulty. */
const choices: Readonly<Record<Kind, readonly number[]>> = {
	sum: [17, 19, 177],
	difference: [9, 19, 99],
	largest: listed,
};
const numbersInWords =
	'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
		' ',
	);

interface Question {
	readonly kind: Kind;
	readonly numbers: readonly number[];
}

/** The parts of an item; items may come from a file, so a wrong one is refused. */
function partsOf(item: Item): Question {
	const kind = kinds.find((known) => known === item['kind']);
	const { numbers } = item;
	const read: readonly unknown[] = Array.isArray(numbers) ? numbers : [];
	const isNumber = (n: unknown): n is number => Number.isInteger(n) && Number(n) >= 0;
	if (!kind || !read.every(isNumber) || !isQuestion(kind, read))
		throw new TypeError(
			`A question must have a kind and whole numbers from 0 to ${largest}: two, or two to seven in a list; no difference goes below zero.`,
		);
	return { kind, numbers: read };
}

function textOf({ kind, numbers }: Question, wording: number): string {
	const [a = 0, b = 0] = numbers;
	const list = `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1) ?? ''}`;
	return (wordings[kind][wording] ?? '')
		.replace('%a', String(a))
		.replace('%b', String(b))
		.replace('%l', list);
}

function wordingOf({ wording }: View): number {
	if (typeof wording === 'number' && Number.isInteger(wording) && wording >= 0 && wording < 5)
		return wording;
	throw new TypeError('A view of a question has a wording from 0 to 4.');
}

function sample(n: number, random: Random, stratum: string): Item {
	const most = reach[n - 1] ?? reach[2];
	const least = n === 1 ? 1 : (reach[n - 2] ?? 0) + 1;
	const second = () => random.integer(1, n === 2 ? 9 : most);
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
	const { kind, numbers } = partsOf(item);
	const size = kind === 'largest' ? numbers.length : Math.max(...numbers);
	const steps: readonly number[] = kind === 'largest' ? listed : reach;
	const found = steps.findIndex((most) => size <= most);
	return found < 0 ? difficulty.max : found + 1;
}

/** Different sums, and as many differences, by difficulty: `a + b` and `b + a` are one. */
const pairs = [45, 99, 4740] as const;
/** The fewest lists of a difficulty: three of the 90 numbers, in any order. */
const lists = 117_480;

const tasks = defineTasks({
	difficulty,
	strata: kinds,
	sample,
	space: (n, stratum) => (stratum === 'largest' ? lists : (pairs[n - 1] ?? 0)),
	keyOf: (item) => {
		const { kind, numbers } = partsOf(item);
		return `questions/${kind}/${[...numbers].sort((a, b) => a - b).join('/')}`;
	},
	stratumOf: (item) => partsOf(item).kind,
	difficultyOf,
	views: (_item, count, random) =>
		[0, ...random.shuffle([1, 2, 3, 4])].slice(0, count).map((wording) => ({ wording })),
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

const solve = (item: Item): string => {
	const { kind, numbers } = partsOf(item);
	const [a = 0, b = 0] = numbers;
	if (kind === 'largest') return String(Math.max(...numbers));
	return String(kind === 'sum' ? a + b : a - b);
};

const answers: AnswerFormat = {
	// A model's own end token; engines leave it out.
	endMark: '',
	read(item, _view, completion) {
		partsOf(item);
		const answer = lastNumber(completion);
		return answer === undefined ? { malformed: 'it names no number' } : { answer };
	},
	write(item, _view, answer) {
		const { kind, numbers } = partsOf(item);
		if (kind === 'largest') return `The largest number is ${answer}.`;
		return `${numbers.join(kind === 'sum' ? ' + ' : ' - ')} = ${answer}`;
	},
};

const reference: Reference = { solve };

/** `4 + 3`, numbers alone, or one of the wordings; only what `partsOf` takes, and no difference below zero. */
function parse(text: string): { item: Item } | { error: string } {
	const asked = text.trim().replace(/\s*=$/, '');
	const numbers = text.match(/\d+/g)?.map(Number) ?? [];
	for (const kind of kinds)
		for (const order of [numbers, numbers.toReversed()])
			if (isQuestion(kind, order) && spellings({ kind, numbers: order }).includes(asked))
				return { item: { kind, numbers: order } };
	return {
		error:
			'Type a sum such as 4 + 3, a difference such as 9 - 4, or numbers of which to find the largest, such as 17, 64, 30.',
	};
}

/** Every way to write a question down. */
const spellings = (question: Question): readonly string[] =>
	[{ sum: ' + ', difference: ' - ', largest: ', ' }[question.kind]]
		.map((sign) => question.numbers.join(sign))
		.concat(wordings[question.kind].map((_, i) => textOf(question, i)));

function isQuestion(kind: Kind, numbers: readonly number[]): boolean {
	const [a = 0, b = 0] = numbers;
	const fits =
		kind === 'largest' ? numbers.length >= 2 && numbers.length <= listed[2] : numbers.length === 2;
	return fits && numbers.every((n) => n <= largest) && (kind !== 'difference' || a >= b);
}

export const questions = defineEnvironment({
	name: 'questions',
	title: 'Number questions',
	ability: 'math',
	about:
		'Answers small questions about numbers in English sentences: sums, differences, the largest.',
	papers: ['https://arxiv.org/abs/2110.14168', 'https://arxiv.org/abs/2210.11610'],
	knobs: {},
	create: () =>
		({
			name: 'questions',
			tasks,
			chat: true,
			open: (item: Item, view: View) => singleMessage(textOf(partsOf(item), wordingOf(view))),
			maxTokens: () => ({ prompt: 96, answer: 48 }),
			chance: {
				of: 'any number that it could be',
				share: (n, stratum) => 1 / (choices[stratum as Kind][n - 1] ?? Infinity),
			},
			score: scoreByReference(answers, reference),
			answers,
			reference,
			words: {
				title: 'Number questions',
				noun: ['question', 'questions'],
				verb: 'answer',
				unit: 'steps',
				show: (item) => textOf(partsOf(item), 0),
				parse,
			},
		}) satisfies Environment,
});
