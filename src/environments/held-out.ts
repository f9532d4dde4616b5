/** @file The held-out problems of an examination, the same for everyone who names the same seed. */
import { derive, random } from '#base/random.ts';
import type { Item } from './item.ts';
import type { Tasks } from './tasks.ts';

/** Draws in a row without a new item, after which a space counts as searched. */
const patience = 4_000;

/**
 * `count` different held-out problems for an examination, fewer where the space is small, none where the
 * stratum does not exist. Fewer asked for with the same seed are the first of these.
 */
export function drawHeldOut(
	{ name, tasks }: { readonly name: string; readonly tasks: Tasks },
	difficulty: number,
	stratum: string,
	count: number,
	seed: number,
): readonly Item[] {
	if (tasks.space(difficulty, stratum) === 0) return [];
	const stream = random(derive(seed, 'held-out', name, difficulty, stratum));
	const found = new Map<string, Item>();
	for (let misses = 0; found.size < count && misses < patience; misses++) {
		const item = tasks.draw(difficulty, stream, stratum, 'held-out');
		const key = tasks.keyOf(item);
		if (found.has(key)) continue;
		found.set(key, item);
		misses = 0;
	}
	return [...found.values()];
}
