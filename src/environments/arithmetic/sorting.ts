/**
 * @file Digits in ascending order, repeats included; difficulty is how many there are.
 *
 * `a7b5c3d5=` → `c3b5d5a7$`: each digit brings along the mark of the place it came from, equal ones in
 * the order in which they stand. So nothing is counted: in a prompt every digit can look back for the
 * one before it that is equal, and an answer goes on with the digit that has the last one for its
 * predecessor, or, where there is none, with the first of the next larger kind. Marks that number the
 * ranks instead would ask for a count of all smaller digits at each step.
 */
import type { Random } from '#base/random.ts';
import { digitMarks, digits, end } from '../alphabet.ts';
import type { AnswerFormat, Reference } from '../answers.ts';
import { anyOrder } from '../chance.ts';
import { singleTurn } from '../dialogue.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { scoreByReference } from '../score.ts';
import { defineTasks } from '../tasks.ts';
import { circle, decoysOf, drawDecoys, drawOffsets, mostDecoys } from '../strings/index-hints.ts';
import { offsetOf, readBody, writeMarked } from '../strings/index-hints.ts';
import { sequenceFaults } from '../strings/sequence-faults.ts';
import { arranged } from '../strings/shuffled.ts';

const listPattern = /^[0-9]{1,30}$/;
const wrap = circle - 1;

/** The digits of an item; items may come from a file, so a wrong one is refused. */
function listOf(item: Item): string {
	const list = item['digits'];
	if (typeof list !== 'string' || !listPattern.test(list))
		throw new TypeError('A list must have 1 to 30 digits.');
	return list;
}

const sorted = (list: string): string => Array.from(list).sort().join('');

/** The digits as a view shows them. */
const arrange = (item: Item, view: View): string =>
	arranged(Array.from(listOf(item)), view).join('');

function drawList(n: number, random: Random): string {
	let list = '';
	for (let i = 0; i < n; i++) list += String(random.integer(0, 9));
	return list;
}

/** Lists count as one problem in whatever order they come: C(n + 9, 9) of them. */
function space(n: number): number {
	let count = 1;
	for (let i = 1; i <= 9; i++) count = (count * (n + i)) / i;
	return Math.round(count);
}

const tasks = defineTasks({
	difficulty: { min: 1, max: 30 },
	sample: (n, random) => ({ digits: drawList(n, random) }),
	space,
	keyOf: (item) => `sorting/${sorted(listOf(item))}`,
	difficultyOf: (item) => listOf(item).length,
	views: (item, count, random) =>
		drawOffsets(count, random).map((offset, i) => ({
			offset,
			order: i === 0 ? 0 : random.integer(1, 2 ** 31 - 1),
			decoys: i === 0 ? '' : drawDecoys(random, digitMarks, digits, offset, listOf(item).length),
		})),
});

/** Which marks stand behind the digits is form; whether the digits are in order is the answer. */
function read(item: Item, view: View, text: string): { answer: string } | { malformed: string } {
	const count = listOf(item).length;
	const offset = offsetOf(view);
	const body = readBody(text);
	if ('malformed' in body) return body;
	let answer = '';
	let seen = 0;
	for (let i = 0; i < body.length; i += 2) {
		const mark = digitMarks.indexOf(text.charAt(i));
		const place = (mark - offset) & wrap;
		const digit = text.charAt(i + 1);
		if (mark < 0 || place >= count) return { malformed: `mark ${i / 2 + 1} is not in the list` };
		if ((seen >>> place) & 1) return { malformed: `mark ${i / 2 + 1} comes twice` };
		if (!digits.includes(digit)) return { malformed: `mark ${i / 2 + 1} has no digit` };
		seen |= 1 << place;
		answer += digit;
	}
	return { answer };
}

/**
 * Gives each digit of the answer the first free place that holds it; a digit the list lacks takes a free
 * place of another (an answer can be wrong), and past the last place marks go on around the circle.
 */
function write(item: Item, view: View, answer: string): string {
	const list = arrange(item, view);
	const offset = offsetOf(view);
	const places: number[] = [];
	const taken = new Set<number>();
	for (const digit of answer) {
		let place = list.indexOf(digit);
		while (place >= 0 && taken.has(place)) place = list.indexOf(digit, place + 1);
		if (place >= 0) taken.add(place);
		places.push(place);
	}
	let free = 0;
	let text = '';
	for (let i = 0; i < places.length; i++) {
		let place = places[i] ?? -1;
		if (place < 0) {
			while (taken.has(free)) free++;
			taken.add(free);
			place = free;
		}
		text += digitMarks.charAt((offset + place) & wrap) + answer.charAt(i);
	}
	return text + end;
}

function parse(text: string): { item: Item } | { error: string } {
	const error = 'Type 1 to 30 single digits, like 7 5 3 5.';
	if (text.length > 200) return { error };
	const parts = text.trim().split(/\s*,\s*|\s+/);
	const list = parts.join('');
	const separate = parts.length === 1 || parts.every((part) => part.length === 1);
	return separate && listPattern.test(list) ? { item: { digits: list } } : { error };
}

const answers: AnswerFormat = { endMark: end, read, write };
const reference: Reference = { solve: (item) => sorted(listOf(item)) };
const faults = sequenceFaults(reference.solve, digits, 'digit');

const create = () =>
	({
		name: 'sorting',
		tasks,
		open: (item, view) =>
			singleTurn(
				`${decoysOf(view)}${writeMarked(arrange(item, view), digitMarks, offsetOf(view), 1)}=`,
			),
		maxTokens: (n) => ({ prompt: 2 * n + 2 + 2 * mostDecoys, answer: 2 * n + 1 }),
		chance: { of: 'the digits in any order', share: (n) => anyOrder(n, digits.length) },
		score: scoreByReference(answers, reference),
		answers,
		reference,
		faults,
		words: {
			title: 'Sorting',
			noun: ['list', 'lists'],
			verb: 'sort',
			unit: 'digits',
			notation:
				'The letter before a digit tells it from its equals, and goes along with it into the answer. What stands before _ says nothing.',
			show: (item) => Array.from(listOf(item)).join(' '),
			parse,
		},
	}) satisfies Environment;

export const sorting = defineEnvironment({
	name: 'sorting',
	title: 'Sorting',
	ability: 'math',
	about: 'Puts digits in ascending order, repeats included; each digit more is a step harder.',
	papers: ['https://arxiv.org/abs/2310.16028'],
	knobs: {},
	create,
});
