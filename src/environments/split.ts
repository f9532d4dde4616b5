/**
 * @file The split: which problems are only ever asked in an examination. It goes by a hash of the problem
 * and nothing else, so it is the same on every machine, in every run and in pre-training.
 */
import { hash32 } from '#base/random.ts';
import type { Item, Split } from './item.ts';

/** Problems an examination wants to find in a cell; 240 expected leave 200 with a margin of 2.6 sigma. */
const wanted = 240;

/** Share of a space that is held out: 1 in 8, more of a small space, never more than half. */
export const heldOutShare = (space: number): number =>
	Math.min(1 / 2, Math.max(1 / 8, wanted / Math.max(1, space)));

export const isHeldOutKey = (key: string, space: number): boolean =>
	hash32(key) < heldOutShare(space) * 2 ** 32;

/** Draws until an item of the asked side of the split comes up. */
export function drawFrom(
	split: Split,
	sample: () => Item,
	isHeldOut: (item: Item) => boolean,
): Item {
	for (let attempt = 0; attempt < 100_000; attempt++) {
		const item = sample();
		if (isHeldOut(item) === (split === 'held-out')) return item;
	}
	throw new RangeError(`No ${split} problem found here; choose another difficulty.`);
}

/** Refuses a difficulty that the tasks do not have. */
export function checkDifficulty(
	{ min, max }: { readonly min: number; readonly max: number },
	difficulty: number,
): void {
	if (!Number.isInteger(difficulty) || difficulty < min || difficulty > max)
		throw new RangeError(
			`Difficulty must be a whole number from ${min} to ${max}; got ${difficulty}.`,
		);
}

/** Refuses a stratum that the tasks do not have. */
export function checkStratum(strata: readonly string[], stratum: string): void {
	if (!strata.includes(stratum))
		throw new RangeError(`Stratum must be one of ${strata.join(', ')}; got "${stratum}".`);
}
