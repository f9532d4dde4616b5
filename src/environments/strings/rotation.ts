/** @file Rotation of the alphabet (Caesar cipher), which renames all symbols of a problem at once: a view of it. */
import type { Random } from '#base/random.ts';
import type { View } from '../item.ts';
import { letters } from '../alphabet.ts';

/** `text` with its letters a to z moved on by `shift` places around the alphabet; all else stays. */
export function rotated(text: string, shift: number): string {
	let moved = '';
	for (const character of text) {
		const at = letters.indexOf(character);
		const next = (((at + shift) % letters.length) + letters.length) % letters.length;
		moved += at < 0 ? character : letters.charAt(next);
	}
	return moved;
}

/** `count` different shifts, the first of them 0; 26 at most. */
export const drawShifts = (count: number, random: Random): readonly number[] =>
	[0, ...random.shuffle(Array.from({ length: letters.length - 1 }, (_, i) => i + 1))].slice(
		0,
		count,
	);

/** `0 … 25` out of a view; views may come from a file, so a wrong one is refused. */
export function shiftOf({ shift }: View): number {
	if (typeof shift === 'number' && Number.isInteger(shift) && shift >= 0 && shift < letters.length)
		return shift;
	throw new TypeError(`The view's shift must be a whole number from 0 to ${letters.length - 1}.`);
}

/** `count` letters, none of them twice. */
export const drawLetters = (count: number, random: Random): readonly string[] =>
	random.shuffle(Array.from(letters)).slice(0, count);
