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
const difficulty = { min: 1, max: 3 } as const;
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
	if (!kind || !read.every(isNumber) || read.some((n) => n > 999))
		throw new TypeError('A question must have a kind and whole numbers from 0 to 999.');
	if (kind === 'largest' ? read.length < 2 || read.length > listed[2] : read.length !== 2)
		throw new TypeError('A sum or difference has two numbers, a list two to seven.');
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

/** Different questions of a difficulty: `a + b` and `b + a` are one, a list is one in any order. */
function space(n: number, stratum: string): number {
	if (stratum === 'largest') return 1e5;
	const counts = stratum === 'sum' ? [45, 99, 7_000] : [45, 99, 7_000];
	return counts[n - 1] ?? 0;
}

const tasks = defineTasks({
	difficulty,
	strata: kinds,
	sample,
	space,
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

function parse(text: string): { item: Item } | { error: string } {
	const pair = /^\s*(\d{1,3})\s*([+-])\s*(\d{1,3})\s*=?\s*$/.exec(text);
	const numbers = text.match(/\d+/g)?.map(Number) ?? [];
	if (pair) {
		const [, a = '', sign] = pair;
		const item = { kind: sign === '+' ? 'sum' : 'difference', numbers: numbers.slice(0, 2) };
		if (sign === '+' || Number(a) >= (numbers[1] ?? 0)) return { item };
	}
	if (/^[\s\d,]+$/.test(text) && numbers.length > 1 && numbers.length <= listed[2])
		if (numbers.every((n) => n <= 999)) return { item: { kind: 'largest', numbers } };
	return {
		error:
			'Type a sum such as 4 + 3, a difference such as 9 - 4, or numbers of which to find the largest, such as 17, 64, 30.',
	};
}

export const questions = defineEnvironment({
	name: 'questions',
	title: 'Number questions',
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
			score: scoreByReference(answers, reference),
			answers,
			reference,
			words: {
				title: 'Number questions',
				noun: ['question', 'questions'],
				verb: 'answer',
				unit: 'steps',
				show: (item) => textOf(partsOf(item), 0),
				parse: (text) => {
					const asked = parseWording(text);
					return asked ?? parse(text);
				},
			},
		}) satisfies Environment,
});

/** A question in one of its own wordings, as it is shown; undefined if the text is none. */
function parseWording(text: string): { item: Item } | undefined {
	const numbers = text.match(/\d+/g)?.map(Number) ?? [];
	for (const kind of kinds)
		for (const wording of wordings[kind].keys()) {
			const turned = wordings[kind][wording]?.indexOf('%b') ?? -1;
			const first = wordings[kind][wording]?.indexOf('%a') ?? -1;
			const ordered = turned >= 0 && turned < first ? [...numbers].reverse() : numbers;
			if (numbers.length < 2 || numbers.length > listed[2]) continue;
			if (kind !== 'largest' && numbers.length !== 2) continue;
			if (textOf({ kind, numbers: ordered }, wording) === text.trim())
				return { item: { kind, numbers: ordered } };
		}
	return undefined;
}
