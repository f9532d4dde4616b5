/** @file Characters as UTF-8: a range of code points is a few sequences of byte ranges. */
import type { Ranges } from './ranges.ts';

/** Consecutive byte ranges; both ends belong to a range. */
export type ByteSequence = readonly (readonly [from: number, to: number])[];

const encoder = new TextEncoder();
const bytesOf = (point: number): readonly number[] =>
	Array.from(encoder.encode(String.fromCodePoint(point)));

/** Byte sequences of a set; each code point is in exactly one of them. */
export function utf8Sequences(set: Ranges): readonly ByteSequence[] {
	const found: ByteSequence[] = [];
	const split = (from: number, to: number): void => {
		if (from > to) return;
		// Split by length, then until all continuation bytes after a differing byte run from 80 to BF.
		for (const bound of [0x7f, 0x7ff, 0xffff])
			if (from <= bound && to > bound) {
				split(from, bound);
				split(bound + 1, to);
				return;
			}
		for (let bits = 6; to > 0x7f && bits <= 18; bits += 6) {
			const mask = 2 ** bits - 1;
			if (Math.floor(from / 2 ** bits) === Math.floor(to / 2 ** bits)) continue;
			if ((from & mask) !== 0) {
				split(from, from | mask);
				split((from | mask) + 1, to);
				return;
			}
			if ((to & mask) !== mask) {
				split(from, (to & ~mask) - 1);
				split(to & ~mask, to);
				return;
			}
		}
		const [a, b] = [bytesOf(from), bytesOf(to)];
		found.push(a.map((byte, i) => [byte, b[i] ?? byte]));
	};
	for (const [from, to] of set) split(from, to);
	return found;
}
