/** @file Three ways to write a sum down: index hints, plain reversed digits, and index hints with a rationale. */
import type { Random } from '#base/random.ts';
import { digitMarks, digits, end } from '../alphabet.ts';
import type { View } from '../item.ts';
import { decoysOf, drawDecoys, drawOffsets, mostDecoys, offsetOf } from '../strings/index-hints.ts';
import { readMarked, reversed, writeMarked } from '../strings/index-hints.ts';

export const formats = ['hints', 'plain', 'scratchpad'] as const;
export type Format = (typeof formats)[number];

/** The two numbers as a view shows them, decimal, most significant digit first. */
export interface Operands {
	readonly x: string;
	readonly y: string;
}

type Reading = { answer: string } | { malformed: string };

/** How one format writes and reads. Numbers come in and go out in decimal; text has the last digit first. */
export interface SumFormat {
	/** For people: how it is to be read. */
	readonly notation: string;
	readonly views: (operands: Operands, count: number, random: Random) => readonly View[];
	readonly prompt: (operands: Operands, view: View) => string;
	readonly read: (operands: Operands, view: View, completion: string) => Reading;
	readonly write: (operands: Operands, view: View, answer: string) => string;
	readonly promptWithHint?: (operands: Operands, view: View, answer: string) => string;
	/** Longest prompt and answer in characters for operands of n digits. */
	readonly maxTokens: (n: number) => { readonly prompt: number; readonly answer: number };
}

/** Between a rationale and the answer it leads to. */
const conclusion = '>';
/** Between a sum and the answer given away with it. */
const giveaway = '~';
/** Characters of one step: mark, digit of x, digit of y, carry in, digit of the sum, carry out. */
const stepLength = 6;

/** Every second view of two is swapped, 2 in 5; the first never. */
const isSwapped = (i: number): boolean => i % 5 === 1 || i % 5 === 3;

const mark = (number: string, view: View): string =>
	writeMarked(reversed(number), digitMarks, offsetOf(view), 1);

/** Reads reversed digits as a number; a number has one way to be written. */
function canonical(lowFirst: string): Reading {
	return lowFirst.length > 1 && lowFirst.endsWith('0')
		? { malformed: 'the number begins with 0' }
		: { answer: reversed(lowFirst) };
}

function readHints(view: View, text: string): Reading {
	const read = readMarked(text, digitMarks, offsetOf(view), 1, digits);
	return 'malformed' in read ? read : canonical(read.symbols);
}

const longest = ({ x, y }: Operands): number => Math.max(x.length, y.length);

/** `k7p2_a7b5c3+a4b6c8=` → `a1b2c2d1$`, the decoys before `_` being optional. Absent places are left out; the answer has its natural length. */
const hints: SumFormat = {
	notation:
		'The letter before a digit marks its place, ones first: equal letters are equal places, and the first letter is another each time. What stands before _ says nothing.',
	views: ({ x, y }, count, random) =>
		drawOffsets(count, random).map((offset, i) => {
			// The sum may have one place more than the longer number.
			const places = Math.max(x.length, y.length) + 1;
			const decoys = i === 0 ? '' : drawDecoys(random, digitMarks, digits, offset, places);
			return { offset, swapped: isSwapped(i), decoys };
		}),
	prompt: ({ x, y }, view) => `${decoysOf(view)}${mark(x, view)}+${mark(y, view)}=`,
	read: (_operands, view, completion) => readHints(view, completion),
	write: (_operands, view, answer) => mark(answer, view) + end,
	maxTokens: (n) => ({ prompt: 4 * n + 2 + 2 * mostDecoys + 1, answer: 2 * (n + 1) + 1 }),
};

/** `753+468=` → `1221$`: one place more than the longer number, filled up with 0. Two views at most. */
const plain: SumFormat = {
	notation: 'Both numbers and the answer are written with the ones first.',
	views: ({ x, y }, count) =>
		x === y || count < 2 ? [{ swapped: false }] : [{ swapped: false }, { swapped: true }],
	prompt: ({ x, y }) => `${reversed(x)}+${reversed(y)}=`,
	read(operands, _view, completion) {
		const places = longest(operands) + 1;
		if (!completion.endsWith(end)) return { malformed: 'no end mark' };
		if (completion.length !== places + 1) return { malformed: `not ${places} digits` };
		for (let i = 0; i < places; i++)
			if (!digits.includes(completion.charAt(i)))
				return { malformed: `place ${i + 1} is no digit` };
		return { answer: reversed(completion.slice(0, places)).replace(/^0+(?=\d)/, '') };
	},
	write: (operands, _view, answer) => reversed(answer).padEnd(longest(operands) + 1, '0') + end,
	maxTokens: (n) => ({ prompt: 2 * n + 2, answer: n + 2 }),
};

/**
 * `a7b5c3+a4b6c8=` → `a74011b56112c38112>a1b2c2d1$`: a step for each place, then the answer.
 *
 * The steps are told apart from the answer by `>`, and only what follows it is read: a rationale can
 * be wrong and the answer right. A place that the shorter number lacks counts as 0.
 */
const scratchpad: SumFormat = {
	notation:
		'The letter before a digit marks its place, ones first; what stands before _ says nothing. The answer begins with a step for each place: its letter, both digits, the carry in, the digit of the sum, the carry out. After > stands the sum.',
	views: hints.views,
	prompt: hints.prompt,
	read(_operands, view, completion) {
		const at = completion.indexOf(conclusion);
		if (at < 0) return { malformed: `no ${conclusion} before the answer` };
		return readHints(view, completion.slice(at + 1));
	},
	write: (operands, view, answer) =>
		rationale(operands, view, answer) + conclusion + mark(answer, view) + end,
	promptWithHint: ({ x, y }, view, answer) =>
		`${decoysOf(view)}${mark(x, view)}+${mark(y, view)}${giveaway}${mark(answer, view)}=`,
	maxTokens: (n) => ({
		prompt: 4 * n + 3 + 2 * (n + 1) + 2 * mostDecoys + 1,
		answer: stepLength * n + 1 + 2 * (n + 1) + 1,
	}),
};

/**
 * The steps that would lead to `answer`, for STaR's teacher forcing. Carries are inferred from the answer
 * alone (what it claims beyond x + y at a place), so a false answer is never given a truth it lacks.
 */
function rationale({ x, y }: Operands, view: View, answer: string): string {
	const offset = offsetOf(view);
	const places = Math.max(x.length, y.length);
	const digitAt = (number: string, i: number): number =>
		i < number.length ? number.charCodeAt(number.length - 1 - i) - 48 : 0;
	const carryInto = (i: number): number => {
		if (i === 0) return 0;
		const claimed = (20 + digitAt(answer, i) - digitAt(x, i) - digitAt(y, i)) % 10;
		return claimed === 1 ? 1 : 0;
	};
	let text = '';
	let carry = 0;
	for (let i = 0; i < places; i++) {
		const out = carryInto(i + 1);
		const step = [digitAt(x, i), digitAt(y, i), carry, digitAt(answer, i), out];
		text += digitMarks.charAt((offset + i) & 31) + step.join('');
		carry = out;
	}
	return text;
}

/** Whether a scratchpad's steps are right, apart from the answer: none, all, or the first wrong step. */
export type Audit =
	| { readonly kind: 'absent' }
	| { readonly kind: 'right' }
	| { readonly kind: 'wrong'; readonly step: number };

/** Checks each step against the true one. */
export function auditRationale(
	operands: Operands,
	view: View,
	truth: string,
	completion: string,
): Audit {
	const at = completion.indexOf(conclusion);
	if (at <= 0) return { kind: 'absent' };
	const steps = completion.slice(0, at);
	const expected = rationale(operands, view, truth);
	if (steps === expected) return { kind: 'right' };
	let i = 0;
	while (i < steps.length && steps.charAt(i) === expected.charAt(i)) i++;
	return { kind: 'wrong', step: Math.floor(i / stepLength) + 1 };
}

export const sumFormats: Readonly<Record<Format, SumFormat>> = { hints, plain, scratchpad };
