/**
 * @file Sums of products with a calculator at hand, which the model calls in text and which answers; difficulty is the
 * number of products.
 *
 * `a12*7+b5*8=`, then in turn `a[12*7]$` `84;` `b[84+5*8]$` `124;` `124$`: a call works out one product and may add it to a
 * number; it follows the mark of its product, so that a model without positions finds the next. Without calls a small model
 * would have to multiply. After Toolformer (Schick et al. 2023), which writes calls in text, too.
 */
import { random as stream, type Random } from '#base/random.ts';
import { end } from '../alphabet.ts';
import type { AnswerFormat, Reference, Spoken } from '../answers.ts';
import type { Dialogue } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';

/** Marks of products: 16, cyclic. */
const marks = 'abcdefghijklmnop';
const mostProducts = 12;
/** Calls beside those that are needed, before nothing more is answered. */
const spare = 2;

interface Product {
	readonly a: number;
	readonly b: number;
}

/** The products of an item; items may come from a file, so a wrong one is refused. */
function productsOf({ sum }: Item): readonly Product[] {
	const parts = typeof sum === 'string' && sum.length <= 80 ? sum.split('+') : [];
	const products = parts.map((part) => {
		const [, a, b] = /^([1-9][0-9]?)\*([1-9])$/.exec(part) ?? [];
		return { a: Number(a), b: Number(b) };
	});
	if (
		products.length >= 1 &&
		products.length <= mostProducts &&
		products.every(({ a }) => !Number.isNaN(a))
	)
		return products;
	throw new TypeError(
		`A sum has 1 to ${mostProducts} products of a number up to 99 with one up to 9.`,
	);
}

const drawSum = (n: number, random: Random): Item => ({
	sum: Array.from({ length: n }, () => `${random.integer(2, 99)}*${random.integer(2, 9)}`).join(
		'+',
	),
});

/** The order of the products is another view of the same problem. */
const keyOf = (item: Item): string =>
	`calculator/${productsOf(item)
		.map(({ a, b }) => `${a}*${b}`)
		.sort()
		.join('+')}`;

const tasks = defineTasks({
	difficulty: { min: 1, max: mostProducts },
	sample: drawSum,
	space: (n) => (n === 1 ? 98 * 8 : Infinity),
	keyOf,
	difficultyOf: (item) => productsOf(item).length,
	views: (item, count, random) => {
		productsOf(item) satisfies readonly Product[];
		return random
			.shuffle(Array.from(marks, (_, i) => i))
			.slice(0, count)
			.map((offset, i) => ({ offset, order: i === 0 ? 0 : random.integer(1, 2 ** 31 - 1) }));
	},
});

/** The products in the order of a view, each with its mark; views may come from a file. */
function marked(item: Item, { offset, order }: View): readonly (Product & { mark: string })[] {
	if (typeof offset !== 'number' || !Number.isInteger(offset) || marks.charAt(offset) === '')
		throw new TypeError(`The view's offset must be a whole number from 0 to ${marks.length - 1}.`);
	if (typeof order !== 'number' || !Number.isInteger(order) || order < 0)
		throw new TypeError("The view's order must be a whole number from 0.");
	const products = productsOf(item);
	const arranged = order === 0 ? products : stream(order).shuffle(products);
	return arranged.map((product, i) => ({
		...product,
		mark: marks.charAt((offset + i) % marks.length),
	}));
}

const promptOf = (item: Item, view: View): string =>
	`${marked(item, view)
		.map(({ a, b, mark }) => `${mark}${a}*${b}`)
		.join('+')}=`;

const isCall = (text: string): boolean => text.includes('[');

/** What the calculator answers to a call with its end mark. */
function answerTo(call: string): string {
	const [, start = '0', a, b] =
		/^[a-p]?\[(?:([0-9]{1,5})\+)?([0-9]{1,3})\*([0-9]{1,3})\]\$$/.exec(call) ?? [];
	return a === undefined ? '?;' : `${Number(start) + Number(a) * Number(b)};`;
}

function open(item: Item, view: View): Dialogue {
	let text = promptOf(item, view);
	let calls = productsOf(item).length + spare;
	return {
		first: () => promptOf(item, view),
		next: ({ content }) => {
			if (!isCall(content) || calls-- === 0) return Promise.resolve(null);
			text += content + answerTo(content);
			return Promise.resolve(text);
		},
	};
}

/** One call for each product, then the answer. */
function conversation(item: Item, view: View): readonly Spoken[] {
	let total = '';
	const calls = marked(item, view).flatMap(({ a, b, mark }): readonly Spoken[] => {
		const call = `${mark}[${total === '' ? '' : `${total}+`}${a}*${b}]${end}`;
		const told = answerTo(call);
		total = told.slice(0, -1);
		return [
			{ by: 'model', content: call, learnt: true },
			{ by: 'environment', content: told, learnt: false },
		];
	});
	return [...calls, { by: 'model', content: total + end, learnt: true }];
}

const answers: AnswerFormat = {
	endMark: end,
	read(item, _view, text) {
		productsOf(item) satisfies readonly Product[];
		if (isCall(text)) return { malformed: 'a call, where an answer should be' };
		const [, answer] = /^(0|[1-9][0-9]{0,5})\$$/.exec(text) ?? [];
		return answer === undefined ? { malformed: 'not a number' } : { answer };
	},
	write: (_item, _view, answer) => answer + end,
};

const reference = {
	solve: (item) => String(productsOf(item).reduce((sum, { a, b }) => sum + a * b, 0)),
	conversation,
} satisfies Reference;

function parse(text: string): { item: Item } | { error: string } {
	const error = `Type 1 to ${mostProducts} products of a number up to 99 with one up to 9, like 12*7 + 5*8.`;
	if (text.length > 200) return { error };
	const item = { sum: text.replaceAll('×', '*').replace(/\s+/g, '') };
	try {
		productsOf(item);
		return { item };
	} catch {
		return { error };
	}
}

const create = () =>
	({
		name: 'calculator',
		tasks,
		open,
		maxTokens: (n) => ({ prompt: 6 * n + (n + spare) * 22, answer: 16 }),
		chance: { of: 'any number that such a sum can be', share: (n) => 1 / (99 * 9 * n) },
		score: scoreByReference(answers, reference),
		answers,
		reference,
		words: {
			title: 'Calculator',
			noun: ['sum', 'sums'],
			verb: 'work out',
			unit: 'products',
			notation:
				'A letter marks each product. What stands in [ ] goes to the calculator, and its answer ends with a semicolon. The last number is the answer.',
			show: (item) =>
				productsOf(item)
					.map(({ a, b }) => `${a}*${b}`)
					.join(' + '),
			parse,
		},
	}) satisfies Environment;

export const calculator = defineEnvironment({
	name: 'calculator',
	title: 'Calculator',
	ability: 'tool-use',
	about:
		'Works out sums of products by calling a calculator, which answers in the middle of the text.',
	papers: ['https://arxiv.org/abs/2302.04761', 'https://arxiv.org/abs/2205.12255'],
	knobs: {},
	create,
});
