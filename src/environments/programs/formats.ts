/**
 * @file Problems of the list language as a character model reads them, and answers with their working.
 *
 * Each operation has a mark, as in index hints, and an answer says after the same mark what the list is then: forwards for
 * an output, backwards for an input. A program is answered by its letters.
 */
import type { Random } from '#base/random.ts';
import { end } from '../alphabet.ts';
import type { Item, View } from '../item.ts';
import { operations, trace, type List } from './language.ts';
import { problemOf, type Problem } from './items.ts';
import { wayBack } from './search.ts';

/** Marks of operations: 16, cyclic. */
export const marks = 'abcdefghijklmnop';
/** What is asked: the output, the input or the program. */
export const signs = { deduction: '=', abduction: '<', induction: '~' } as const;

const circle = marks.length;

/** Views begin at other marks, and show pairs in another order. */
export const viewsOf = (_item: Item, count: number, random: Random): readonly View[] =>
	random
		.shuffle(Array.from({ length: circle }, (_, i) => i))
		.slice(0, count)
		.map((offset, i) => ({ offset, turned: i === 0 ? 0 : random.integer(0, 3) }));

function offsetOf({ offset }: View): number {
	if (typeof offset === 'number' && Number.isInteger(offset) && offset >= 0 && offset < circle)
		return offset;
	throw new TypeError(`The view's offset must be a whole number from 0 to ${circle - 1}.`);
}

const markAt = (view: View, place: number): string =>
	marks.charAt((offsetOf(view) + place + circle) % circle);

/** In place of a digit, where a list has ended. */
const ended = '.';

/**
 * A list beside what came out, digit beside digit, each place with its mark: the digit there, that of the output, and that
 * of the list read backwards. `12` beside `32` is `a132b221`.
 */
export const besides = (view: View, input: List, output: List): string =>
	Array.from({ length: Math.max(input.length, output.length) }, (_, i) => {
		const column = [input.charAt(i), output.charAt(i), input.charAt(input.length - 1 - i)];
		return markAt(view, i) + column.map((digit) => digit || ended).join('');
	}).join('');

/** `aRbS,3514=`, `aRbS,1345<`, `a211b022c102;a122b211~` */
export function promptOf(item: Item, view: View): string {
	const problem = problemOf(item);
	const sign = signs[problem.mode];
	if (problem.mode === 'induction') {
		const pairs = problem.inputs.map((input, i) => besides(view, input, problem.outputs[i] ?? ''));
		const turned = Number(view['turned']) % pairs.length || 0;
		return [...pairs.slice(turned), ...pairs.slice(0, turned)].join(';') + sign;
	}
	const program = Array.from(problem.program, (letter, i) => markAt(view, i) + letter).join('');
	return `${program},${problem.mode === 'deduction' ? problem.input : problem.output}${sign}`;
}

/** The lists that lead to an answer, the answer last; null where nobody knows how it came about. */
function workingOf(problem: Problem, answer: List): readonly List[] | null {
	if (problem.mode === 'induction') return null;
	const { program } = problem;
	if (problem.mode === 'deduction') {
		const lists = trace(program, problem.input);
		return 'error' in lists ? null : lists;
	}
	const known = wayBack(program, problem.output);
	if (known?.at(-1) === answer) return known;
	const lists = trace(program, answer);
	return 'error' in lists ? null : [answer, ...lists.slice(0, -1)].reverse();
}

/** The answer after its working; of an output that is wrong, all but the last list is right. */
export function write(item: Item, view: View, answer: string): string {
	const problem = problemOf(item);
	const working = workingOf(problem, answer);
	if (problem.mode === 'induction') return answer + end;
	const lists = working ?? Array.from(problem.program, () => answer);
	return writeWorking(problem, view, [...lists.slice(0, -1), answer]);
}

/** One list after each mark. */
export const writeWorking = (
	{ mode, program }: Exclude<Problem, { mode: 'induction' }>,
	view: View,
	lists: readonly List[],
): string =>
	lists
		.map((list, i) => markAt(view, mode === 'deduction' ? i : program.length - 1 - i) + list)
		.join('') + end;

/** The last list, or the program; only the form of the working is looked at. */
export function read(
	item: Item,
	view: View,
	text: string,
): { answer: string } | { malformed: string } {
	const problem = problemOf(item);
	const length = text.indexOf(end);
	if (length < 0) return { malformed: 'no end mark' };
	if (length !== text.length - 1) return { malformed: 'text after the end mark' };
	const body = text.slice(0, -1);
	if (problem.mode === 'induction') {
		if (body === '') return { malformed: 'nothing before the end mark' };
		const stranger = Array.from(body).find((letter) => !operations[letter]);
		return stranger === undefined && body.length <= circle
			? { answer: body }
			: { malformed: stranger === undefined ? 'too many operations' : 'not a program' };
	}
	const { mode, program } = problem;
	let [at, list] = [0, ''];
	for (let i = 0; i < program.length; i++) {
		const place = mode === 'deduction' ? i : program.length - 1 - i;
		const mark = markAt(view, place);
		if (body.charAt(at) !== mark) return { malformed: `step ${i + 1} is not marked ${mark}` };
		list = /^[0-9]{0,12}/.exec(body.slice(at + 1))?.[0] ?? '';
		at += 1 + list.length;
	}
	return at === body.length ? { answer: list } : { malformed: 'text after the last step' };
}
