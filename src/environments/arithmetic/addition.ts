/** @file Addition of two whole numbers; difficulty is the number of digits of the longer one. */
import type { Random } from '#base/random.ts';
import { end } from '../alphabet.ts';
import { additionFaults } from './addition-faults.ts';
import { type Audit, auditRationale, formats, sumFormats } from './addition-formats.ts';
import type { Format, Operands } from './addition-formats.ts';
import type { AnswerFormat, Hint, Reference } from '../answers.ts';
import { singleTurn } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import type { Words } from '../words.ts';

const strata = ['equal', 'unequal'] as const;

/** Highest difficulty of a format. 32 marks hold an answer of 31 places; a rationale is six times as long. */
const highest: Readonly<Record<Format, number>> = { hints: 30, plain: 30, scratchpad: 20 };

const number = /^(?:0|[1-9][0-9]{0,39})$/;

/** The two numbers of an item; items may come from a file, so a wrong one is refused. */
function numbersOf(item: Item): readonly [a: string, b: string] {
	const { a, b } = item;
	if (typeof a !== 'string' || typeof b !== 'string' || !number.test(a) || !number.test(b))
		throw new TypeError('A sum must have two whole numbers a and b, written in digits.');
	return [a, b];
}

function operandsOf(item: Item, view: View): Operands {
	const [a, b] = numbersOf(item);
	if (typeof view['swapped'] !== 'boolean')
		throw new TypeError("The view's swapped must be true or false.");
	return view['swapped'] ? { x: b, y: a } : { x: a, y: b };
}

/** A number of exactly `n` digits; 0 counts as one digit. */
function drawNumber(n: number, random: Random): string {
	let text = String(random.integer(n === 1 ? 0 : 1, 9));
	while (text.length < n) text += String(random.integer(0, 9));
	return text;
}

/** How many numbers have n digits. */
const countOf = (n: number): number => (n === 1 ? 10 : 9 * 10 ** (n - 1));

function space(n: number, stratum: string): number {
	// Unordered pairs; the numbers with fewer than n digits are 10^(n-1), 0 among them.
	if (stratum === 'equal') return (countOf(n) * (countOf(n) + 1)) / 2;
	return n === 1 ? 0 : countOf(n) * 10 ** (n - 1);
}

const difficultyOf = (item: Item): number => {
	const [a, b] = numbersOf(item);
	return Math.max(a.length, b.length);
};

const stratumOf = (item: Item): (typeof strata)[number] => {
	const [a, b] = numbersOf(item);
	return a.length === b.length ? 'equal' : 'unequal';
};

function keyOf(item: Item): string {
	const [a, b] = numbersOf(item);
	const inOrder = a.length === b.length ? a <= b : a.length < b.length;
	return inOrder ? `addition/${a}+${b}` : `addition/${b}+${a}`;
}

/** The shorter number may stand first or second; its length is uniform. */
function sample(n: number, random: Random, stratum: string): Item {
	const long = drawNumber(n, random);
	if (stratum === 'equal') return { a: long, b: drawNumber(n, random) };
	const short = drawNumber(random.integer(1, n - 1), random);
	return random.next() < 0.5 ? { a: long, b: short } : { a: short, b: long };
}

function solve(item: Item): string {
	const [a, b] = numbersOf(item);
	return String(BigInt(a) + BigInt(b));
}

function parser(max: number): Words['parse'] {
	return (text) => {
		const match = text.length > 200 ? null : /^\s*(\d+)\s*\+\s*(\d+)\s*=?\s*$/.exec(text);
		if (!match)
			return { error: 'Type two whole numbers with a plus between them, like 357 + 864.' };
		const [a = '0', b = '0'] = match.slice(1).map((digits) => digits.replace(/^0+(?=\d)/, ''));
		return Math.max(a.length, b.length) > max
			? { error: `Numbers may have up to ${max} digits here; shorten them.` }
			: { item: { a, b } };
	};
}

const reference: Reference = { solve };
const faults = additionFaults(numbersOf);

function create(format: Format) {
	const text = sumFormats[format];
	const max = highest[format];
	const hint = text.promptWithHint;
	const answers: AnswerFormat = {
		endMark: end,
		read: (item, view, completion) => text.read(operandsOf(item, view), view, completion),
		write: (item, view, answer) => text.write(operandsOf(item, view), view, answer),
	};
	return {
		name: 'addition',
		tasks: defineTasks({
			difficulty: { min: 1, max },
			strata,
			mix: (n, random) => (n === 1 || random.next() < 0.5 ? 'equal' : 'unequal'),
			sample,
			space,
			keyOf,
			stratumOf,
			difficultyOf,
			views(item, count, random) {
				const [a, b] = numbersOf(item);
				return text.views({ x: a, y: b }, count, random);
			},
		}),
		open: (item, view) => singleTurn(text.prompt(operandsOf(item, view), view)),
		maxTokens: (n) => text.maxTokens(n),
		chance: { of: 'any number that a sum can be', share: (n) => 1 / (2 * 10 ** n - 1) },
		score: scoreByReference(answers, reference),
		answers,
		reference,
		faults,
		...(hint && {
			hint: {
				prompt: (item, view, answer) => hint(operandsOf(item, view), view, answer),
			} satisfies Hint,
		}),
		words: {
			title: 'Addition',
			noun: ['sum', 'sums'],
			verb: 'add',
			unit: 'digits',
			notation: text.notation,
			show(item) {
				const [a, b] = numbersOf(item);
				return `${a} + ${b}`;
			},
			parse: parser(max),
		},
	} satisfies Environment;
}

/** Whether the steps of a scratchpad answer are right, apart from its final answer. */
export const auditSum = (item: Item, view: View, completion: string): Audit =>
	auditRationale(operandsOf(item, view), view, solve(item), completion);

export const addition = defineEnvironment({
	name: 'addition',
	title: 'Addition',
	ability: 'math',
	about: 'Adds two whole numbers; each digit more is a step harder than anything seen before.',
	papers: [
		'https://arxiv.org/abs/2310.16028',
		'https://arxiv.org/abs/2502.01612',
		'https://arxiv.org/abs/2112.00114',
	],
	knobs: {
		format: {
			kind: 'choice',
			label: 'Format',
			help: 'How a sum is written: with a letter for each place, as plain reversed digits, or with the carries written out.',
			default: 'hints',
			options: formats,
		},
	},
	create: ({ format }) => create(format),
});
