/**
 * @file Index hints (Zhou et al. 2023): each symbol follows a mark that says which place it stands in, so
 * a model without positions can find a place by its mark instead of counting.
 *
 * Marks are cyclic and the first one is drawn anew for every view of a problem; what is learnt about
 * one place then holds for all, far beyond the lengths seen.
 */
import type { Random } from '#base/random.ts';
import { end, pad } from '../alphabet.ts';

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

/** Most decoys before a prompt. */
export const mostDecoys = 6;

/**
 * Marked symbols before a problem that do not belong to it, e.g. `k7p2`, of marks that its `places` places do
 * not use. Without them marks far apart never meet in a problem of the first lessons, so a model need not tell
 * them apart, and fails as soon as a longer problem brings them together.
 */
export function drawDecoys(
	random: Random,
	marks: string,
	symbols: string,
	first: number,
	places: number,
): string {
	const free = circle - places;
	const count = Math.min(random.integer(1, mostDecoys), Math.max(0, free));
	let text = '';
	// Distinct marks in random order, at equal odds whatever their distance.
	const taken = new Set<number>();
	while (taken.size < count) {
		const place = places + random.integer(0, free - 1);
		if (taken.has(place)) continue;
		taken.add(place);
		text += marks.charAt((first + place) & wrap) + random.pick(Array.from(symbols));
	}
	return text;
}

/** The decoys of a view with what divides them from the problem; views may come from a file. */
export function decoysOf(view: Readonly<Record<string, unknown>>): string {
	const decoys = view['decoys'] ?? '';
	if (typeof decoys !== 'string' || !/^(?:[A-Za-z0-9]{2}){0,6}$/.test(decoys))
		throw new TypeError("The view's decoys must be up to six marked symbols.");
	return decoys && decoys + pad;
}
