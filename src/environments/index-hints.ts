/**
 * @file Index hints (Zhou et al. 2023): each symbol follows a mark that says which place it stands in, so
 * a model without positions can find a place by its mark instead of counting.
 *
 * Marks are cyclic and the first one is drawn anew for every view of a problem; what is learnt about
 * one place then holds for all, far beyond the lengths seen.
 */
import type { Random } from '#base/random.ts';
import { end } from './alphabet.ts';

/** Marks in the circle; a problem has fewer places than that, so no mark stands for two. */
export const circle = 32;
const wrap = circle - 1;

/** Last character first. */
export function reversed(text: string): string {
	let back = '';
	for (let i = text.length - 1; i >= 0; i--) back += text.charAt(i);
	return back;
}

/** `symbols` with a mark before each; `step` -1 goes down the circle. */
export function writeMarked(symbols: string, marks: string, first: number, step: 1 | -1): string {
	let text = '';
	for (let i = 0; i < symbols.length; i++)
		text += marks.charAt((first + step * i) & wrap) + symbols.charAt(i);
	return text;
}

/** The symbols of a marked answer up to its end mark, or the first thing that is not as it should be. */
export function readMarked(
	text: string,
	marks: string,
	first: number,
	step: 1 | -1,
	symbols: string,
): { symbols: string } | { malformed: string } {
	const body = readBody(text);
	if ('malformed' in body) return body;
	let found = '';
	for (let i = 0; 2 * i < body.length; i++) {
		const expected = marks.charAt((first + step * i) & wrap);
		const symbol = text.charAt(2 * i + 1);
		if (text.charAt(2 * i) !== expected)
			return { malformed: `place ${i + 1} is not marked ${expected}` };
		if (!symbols.includes(symbol)) return { malformed: `place ${i + 1} has no symbol` };
		found += symbol;
	}
	return { symbols: found };
}

/** Length of the pairs before the end mark; an answer is whole pairs and nothing follows its end. */
export function readBody(text: string): { length: number } | { malformed: string } {
	const length = text.indexOf(end);
	if (length < 0) return { malformed: 'no end mark' };
	if (length !== text.length - 1) return { malformed: 'text after the end mark' };
	if (length === 0) return { malformed: 'nothing before the end mark' };
	if (length % 2 === 1) return { malformed: 'a mark without its symbol' };
	if (length > 2 * circle) return { malformed: `more than ${circle} places` };
	return { length };
}

/** `count` first marks, different as long as the circle has any left. */
export function drawOffsets(count: number, random: Random): number[] {
	const offsets: number[] = [];
	let used = 0;
	while (offsets.length < count) {
		if (offsets.length % circle === 0) used = 0;
		const offset = random.integer(0, wrap);
		if ((used >>> offset) & 1) continue;
		used |= 1 << offset;
		offsets.push(offset);
	}
	return offsets;
}

/** `0 … 31` out of a view; views may come from a file, so a wrong one is refused. */
export function offsetOf(view: Readonly<Record<string, unknown>>): number {
	const offset = view['offset'];
	if (typeof offset !== 'number' || !Number.isInteger(offset) || offset < 0 || offset > wrap)
		throw new TypeError(`The view's offset must be a whole number from 0 to ${wrap}.`);
	return offset;
}
