/**
 * @file Multiplies a number by a digit in written steps, in English; difficulty is the number of digits.
 *
 * 247 · 6: `7 * 6 + 0 = 42`, `4 * 6 + 4 = 28`, `2 * 6 + 2 = 14`, `1482`. A line for each digit, the last one first, then the
 * product, which alone is read: a rationale can be wrong and the answer right.
 */
import type { Random } from '#base/random.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { singleMessage } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { productFaults } from './product-faults.ts';

const mostDigits = 12;
/** Characters; twelve lines and a product need fewer. */
const longestAnswer = 1000;

interface Product {
	readonly number: string;
	readonly digit: string;
}

/** The factors of an item; items may come from a file, so wrong ones are refused. */
function productOf({ number, digit }: Item): Product {
	if (typeof number === 'string' && typeof digit === 'string')
		if (/^[1-9][0-9]{0,11}$/.test(number) && /^[1-9]$/.test(digit)) return { number, digit };
	throw new TypeError(`A product is of a number of up to ${mostDigits} digits and a digit.`);
}

const drawNumber = (n: number, random: Random): string =>
	Array.from({ length: n }, (_, i) => random.integer(i === 0 ? 1 : 0, 9)).join('');

const tasks = defineTasks({
	difficulty: { min: 1, max: mostDigits },
	sample: (n, random) => ({
		number: drawNumber(n, random),
		digit: String(random.integer(1, 9)),
	}),
	space: (n) => (n === 1 ? 45 : 81 * 10 ** (n - 1)),
	keyOf(item) {
		const { number, digit } = productOf(item);
		const pair = number.length === 1 ? [number, digit].sort() : [number, digit];
		return `multiplication/${pair.join('*')}`;
	},
	difficultyOf: (item) => productOf(item).number.length,
	views: (_item, count) => [{ wording: 0 }, { wording: 1 }].slice(0, count),
});

/** `%a` is the number and `%b` the digit. */
const wordings = ['Multiply %a by %b.', 'How much is %a times %b?'] as const;
const steps =
	'Work from the last digit to the first and write a line for each: digit * %b + carry = result. Then write the product in a line of its own.';

function textOf(item: Item, { wording }: View): string {
	const asked = wordings.find((_, i) => i === wording);
	if (asked === undefined) throw new TypeError('A view of a product has a wording of 0 or 1.');
	const { number, digit } = productOf(item);
	return `${asked} ${steps}`.replaceAll('%a', number).replaceAll('%b', digit);
}

/** The digit of a number at a place from the right; 0 past its end. */
const digitAt = (number: string, place: number): number =>
	Number(number.charAt(number.length - 1 - place));

/** The carry that an answer claims came into a place: what it has beyond the product there, if that can be a carry. */
function carryInto({ number, digit }: Product, answer: string, place: number): number {
	const claimed = (100 + digitAt(answer, place) - digitAt(number, place) * Number(digit)) % 10;
	return place > 0 && claimed < 9 ? claimed : 0;
}

/** The lines that would lead to an answer, inferred from it alone: a false answer is given no truth that it lacks. */
function rationale(product: Product, answer: string): readonly string[] {
	return Array.from(product.number, (_, place) => {
		const result = 10 * carryInto(product, answer, place + 1) + digitAt(answer, place);
		const digit = digitAt(product.number, place);
		return `${digit} * ${product.digit} + ${carryInto(product, answer, place)} = ${result}`;
	});
}

const answers: AnswerFormat = {
	// A model's own end token; engines leave it out.
	endMark: '',
	read(item, _view, completion) {
		productOf(item) satisfies Product;
		if (completion.length > longestAnswer) return { malformed: 'it is too long' };
		const answer = completion
			.replace(/(?<=\d),(?=\d{3})/g, '')
			.match(/\d+/g)
			?.at(-1);
		return answer === undefined
			? { malformed: 'it names no number' }
			: { answer: answer.replace(/^0+(?=\d)/, '') };
	},
	write: (item, _view, answer) => [...rationale(productOf(item), answer), answer].join('\n'),
};

const solve = (item: Item): string => {
	const { number, digit } = productOf(item);
	return String(BigInt(number) * BigInt(digit));
};
const reference: Reference = { solve };

/** What a place has without the carry that came into it. */
const withoutCarry = (item: Item, place: number): number => {
	const { number, digit } = productOf(item);
	return (digitAt(number, place) * Number(digit)) % 10;
};

function parse(text: string): { item: Item } | { error: string } {
	const [, number, digit] =
		/^\s*([1-9][0-9]{0,11})\s*[*x×]\s*([1-9])\s*$/.exec(text.slice(0, 100)) ?? [];
	return number !== undefined && digit !== undefined && text.length <= 100
		? { item: { number, digit } }
		: { error: `Type a number of up to ${mostDigits} digits and a digit, like 247 × 6.` };
}

export const multiplication = defineEnvironment({
	name: 'multiplication',
	title: 'Multiplication',
	ability: 'math',
	about:
		'Multiplies a number by a digit and writes every step down; each digit more is a step harder.',
	papers: ['https://arxiv.org/abs/2112.00114', 'https://arxiv.org/abs/2310.16028'],
	knobs: {},
	create: () =>
		({
			name: 'multiplication',
			tasks,
			chat: true,
			open: (item: Item, view: View) => singleMessage(textOf(item, view)),
			maxTokens: (n) => ({ prompt: 128, answer: 32 + 24 * n }),
			chance: { of: 'any number that a product can be', share: (n) => 1 / (9 * 10 ** n) },
			score: scoreByReference(answers, reference),
			answers,
			reference,
			faults: productFaults(solve, withoutCarry),
			words: {
				title: 'Multiplication',
				noun: ['product', 'products'],
				verb: 'multiply',
				unit: 'digits',
				show: (item) => `${productOf(item).number} × ${productOf(item).digit}`,
				parse,
			},
		}) satisfies Environment,
});
