/**
 * @file The split: which problems are only ever asked in an examination. It goes by a hash of the problem
 * and nothing else, so it is the same on every machine, in every run and in pre-training.
 */
import { derive, hash32, random } from '#base/random.ts';
import type { Environment, Item, Split } from './environment.ts';

/** Problems an examination wants to find in a cell; 240 expected leave 200 with a margin of 2.6 sigma. */
const wanted = 240;
/** In a row without a new item, after which a space counts as searched. */
const patience = 4_000;

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

/**
 * `count` different held-out problems for an examination, fewer where the space is small, none where the
 * stratum does not exist. Fewer asked for with the same seed are the first of these.
 */
export function drawHeldOut(
	environment: Environment,
	difficulty: number,
	stratum: string,
	count: number,
	seed: number,
): readonly Item[] {
	if (environment.space(difficulty, stratum) === 0) return [];
	const stream = random(derive(seed, 'held-out', environment.name, difficulty, stratum));
	const found = new Map<string, Item>();
	for (let misses = 0; found.size < count && misses < patience; misses++) {
		const item = environment.draw(difficulty, stream, stratum, 'held-out');
		const key = environment.keyOf(item);
		if (found.has(key)) continue;
		found.set(key, item);
		misses = 0;
	}
	return [...found.values()];
}

/** Refuses a difficulty that the environment does not have. */
export function checkDifficulty(environment: Environment['difficulty'], difficulty: number): void {
	const { min, max, unit } = environment;
	if (!Number.isInteger(difficulty) || difficulty < min || difficulty > max)
		throw new RangeError(
			`Difficulty must be a whole number from ${min} to ${max} ${unit}; got ${difficulty}.`,
		);
}

/** Refuses a stratum that the environment does not have. */
export function checkStratum(strata: readonly string[], stratum: string): void {
	if (!strata.includes(stratum))
		throw new RangeError(`Stratum must be one of ${strata.join(', ')}; got "${stratum}".`);
}
