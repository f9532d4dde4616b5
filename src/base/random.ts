/** @file Seeded randomness: one stream per purpose, derived from the run's seed, so order never matters. */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of pseudo-random numbers. */
export interface Random {
	/** Uniform in [0, 1). */
	next(): number;
	/** Uniform whole number in [from, to], both inclusive. */
	integer(from: number, to: number): number;
	pick<T>(list: readonly T[]): T;
	/** A shuffled copy. */
	shuffle<T>(list: readonly T[]): T[];
	/** Standard normal. */
	normal(): number;
}

/** FNV-1a over text, 32 bits: a stable hash for seeds and splits (not for security). */
export function hash32(text: string): number {
	let h = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) {
		h ^= text.charCodeAt(i);
		h = Math.imul(h, 0x01000193);
	}
	// FNV's low bits are weak on short text.
	return mix(h);
}

/** The finaliser of MurmurHash3: one bit in flips half the bits out. */
function mix(h: number): number {
	h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return (h ^ (h >>> 16)) >>> 0;
}

/** A seed for one purpose: `derive(seed, 'tasks', t)`. */
export const derive = (seed: number, ...purpose: readonly (string | number)[]): number =>
	hash32([seed, ...purpose].join('/'));

export function random(seed: number): Random {
	// The generator's first numbers are alike for seeds that are alike.
	const generator = xoroshiro128plus(mix(seed | 0) | 0);
	const next = () => (generator.next() >>> 0) / 2 ** 32;
	const integer = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
	return {
		next,
		integer,
		pick: (list) => {
			const item = list[integer(0, list.length - 1)];
			if (item === undefined) throw new RangeError('pick from an empty list');
			return item;
		},
		shuffle: (list) => {
			const copy = [...list];
			for (let i = copy.length - 1; i > 0; i--) {
				const j = integer(0, i);
				[copy[i], copy[j]] = [copy[j] as (typeof copy)[0], copy[i] as (typeof copy)[0]];
			}
			return copy;
		},
		normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
	};
}
