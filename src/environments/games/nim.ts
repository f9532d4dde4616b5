/**
 * @file Nim with several heaps: take 1 to 3 from one heap; who takes the last one wins. Difficulty is the number of heaps.
 *
 * Heaps of 5 and 3 are written `53/53?`; `32$` takes 2 of the heap of 3. Right is a move after which the remainders of the
 * heaps by 4 have the nim-sum 0 (Sprague 1935, Grundy 1939): 5 and 1 have the remainders 1 and 1. With the sums written down
 * heaps have marks, `a5b3/a5b3?`, and before the move stands the nim-sum up to each of them, the last one as a letter:
 * `a1b2y32$`.
 */
import type { KnobValues, Knobs } from '#base/knobs.ts';
import { random as stream, type Random } from '#base/random.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { isSharp, type Rules } from './rules.ts';
import { asksKnob, twoPlayer } from './two-player.ts';

const mostHeaps = 12;
/** Most heaps whose positions are counted one by one. */
const mostCounted = 6;
const largest = 9;
const mostTaken = 3;

type Heaps = readonly number[];

const isHeap = (size: unknown): size is number =>
	typeof size === 'number' && Number.isInteger(size) && size >= 1 && size <= largest;

function read({ heaps }: Item): Heaps {
	const isPosition = Array.isArray(heaps) && heaps.length >= 1 && heaps.length <= mostHeaps;
	if (!isPosition || !heaps.every(isHeap))
		throw new TypeError(`A position of Nim has 1 to ${mostHeaps} heaps of 1 to ${largest}.`);
	return heaps;
}

/** Every multiset of `count` heaps, the largest first. */
function* positions(count: number, upTo = largest): Generator<Heaps> {
	if (count === 0) yield [];
	else
		for (let size = 1; size <= upTo; size++)
			for (const rest of positions(count - 1, size)) yield [size, ...rest];
}

const spaces = new Map<number, number>();
function space(count: number): number {
	if (count > mostCounted) return Infinity;
	const known =
		spaces.get(count) ?? [...positions(count)].filter((one) => isSharp(rules, one)).length;
	spaces.set(count, known);
	return known;
}

/** The heaps as a view shows them: as they stand, or shuffled by the view's own seed. */
function arrange(heaps: Heaps, { order }: View): Heaps {
	if (typeof order !== 'number' || !Number.isInteger(order) || order < 0)
		throw new TypeError("The view's order must be a whole number from 0.");
	return order === 0 ? heaps : stream(order).shuffle(heaps);
}

const rules: Rules<Heaps> = {
	difficulty: { min: 2, max: mostHeaps },
	guessed: () => 0.335,
	space,
	read,
	itemOf: (heaps) => ({ heaps }),
	moves: (heaps) =>
		[...new Set(heaps)].flatMap((size) =>
			Array.from({ length: Math.min(mostTaken, size) }, (_, i) => `${size}${i + 1}`),
		),
	after(heaps, move) {
		const [size, taken] = Array.from(move, Number);
		const at = heaps.indexOf(size ?? 0);
		return heaps
			.map((heap, i) => (i === at ? heap - (taken ?? 0) : heap))
			.filter((heap) => heap > 0);
	},
	value: (heaps) => Number(heaps.reduce((sum, heap) => sum ^ (heap % (mostTaken + 1)), 0) !== 0),
	difficultyOf: ({ length }) => length,
	sample: (count, random) => Array.from({ length: count }, () => random.integer(1, largest)),
	keyOf: (heaps) => heaps.toSorted((a, b) => b - a).join(''),
	plain: { order: 0 },
	drawView: (random: Random) => ({ order: random.integer(1, 2 ** 31 - 1) }),
	write: (heaps, view) => arrange(heaps, view).join(''),
	writeMove: (move) => move,
	readMove: (text) => (/^[1-9][1-9]$/.test(text) ? text : undefined),
};

/** Marks of heaps: 16, cyclic. */
const marks = 'abcdefghijklmnop';
/** Nim-sums of a won position, as the letter after the last of them. */
const wholes = '.xyz';

function markAt({ offset }: View, place: number): string {
	if (typeof offset !== 'number' || !Number.isInteger(offset) || marks.charAt(offset) === '')
		throw new TypeError(`The view's offset must be a whole number from 0 to ${marks.length - 1}.`);
	return marks.charAt((offset + place) % marks.length);
}

/** Heaps with marks, and answers with the nim-sum up to each of them. */
const summed: Rules<Heaps> = {
	...rules,
	plain: { order: 0, offset: 0 },
	drawView: (random) => ({
		order: random.integer(1, 2 ** 31 - 1),
		offset: random.integer(0, marks.length - 1),
	}),
	write: (heaps, view) =>
		arrange(heaps, view)
			.map((heap, i) => markAt(view, i) + String(heap))
			.join(''),
	working: {
		write(heaps, view) {
			let sum = 0;
			const sums = arrange(heaps, view).map((heap, i) => {
				sum ^= heap % (mostTaken + 1);
				return markAt(view, i) + String(sum);
			});
			return sums.join('') + wholes.charAt(sum);
		},
		after: (text) => /^(?:[a-p][0-3])+[.xyz](.*)$/.exec(text)?.[1],
	},
	// Of the largest heap: the same whatever the order, so that views agree.
	choose: (moves) => moves.toSorted().at(-1),
};

const knobs = {
	asks: asksKnob,
	working: {
		kind: 'choice',
		label: 'Working',
		help: 'sums: the nim-sum up to each heap stands before the move; none: the move alone, which a small model does not learn.',
		default: 'sums',
		options: ['sums', 'none'],
	},
} as const satisfies Knobs;

function parse(text: string): { item: Item } | { error: string } {
	const heaps =
		text.length > 100
			? []
			: text
					.trim()
					.split(/\s*,\s*|\s+/)
					.map(Number);
	return heaps.length >= 1 && heaps.length <= mostHeaps && heaps.every(isHeap)
		? { item: { heaps } }
		: { error: `Type 1 to ${mostHeaps} heaps of 1 to ${largest}, like 5 3.` };
}

export const nim = defineEnvironment({
	name: 'nim',
	title: 'Nim',
	ability: 'communication',
	about:
		'Takes 1 to 3 from one of several heaps, so that the other cannot take the last; each heap more is a step harder.',
	papers: ['https://arxiv.org/abs/2404.10642'],
	knobs,
	create: ({ asks, working }: KnobValues<typeof knobs>) =>
		({
			name: 'nim',
			...twoPlayer('nim', working === 'sums' ? summed : rules, asks),
			maxTokens: (n) =>
				working === 'sums'
					? { prompt: 4 * n + 2, answer: 2 * n + 4 }
					: { prompt: 2 * n + 2, answer: 3 },
			words: {
				title: asks === 'best' ? 'Nim' : 'Nim, legal moves',
				noun: ['position', 'positions'],
				verb: 'play',
				unit: 'heaps',
				notation:
					'Each digit is a heap; the heaps stand there twice. A move is a heap and how much is taken from it.',
				show: (item) => read(item).join(' '),
				parse,
			},
		}) satisfies Environment,
});
