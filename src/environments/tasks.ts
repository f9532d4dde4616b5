/**
 * @file Task sets: problems that are drawn by difficulty and stratum or taken from a finite list, with the split into
 * training and held-out problems.
 */
import type { Random } from '#base/random.ts';
import type { Item, Split, View } from './item.ts';
import { checkDifficulty, checkStratum, drawFrom, isHeldOutKey } from './split.ts';

/** Problems to be had. Everything here is deterministic given `random`. */
export interface Tasks {
	/** Range of the difficulty, inclusive; from 1 to 1 where problems are not graded. */
	readonly difficulty: { readonly min: number; readonly max: number };
	/** Kinds of item scored apart, e.g. `['equal', 'unequal']`; `['all']` where there is one kind. */
	readonly strata: readonly string[];
	/**
	 * Draws a problem. `stratum` undefined: the usual mix. `split` undefined: `training`. Throws a RangeError at a
	 * difficulty or stratum that does not exist, or where the split has no problem.
	 */
	draw(difficulty: number, random: Random, stratum?: string, split?: Split): Item;
	/** Number of different problems; 0 where a stratum does not exist, Infinity where they are not counted. */
	space(difficulty: number, stratum: string): number;
	/** Equal for problems that are the same, `a + b` and `b + a`: split and duplicates go by it. */
	keyOf(item: Item): string;
	stratumOf(item: Item): string;
	/** Finer than the stratum: tasks of one kind are solved alike. Absent if strata are fine enough. */
	kindOf?(item: Item): string;
	difficultyOf(item: Item): number;
	/** Deterministic, by a hash of the item: a held-out item is never drawn for training. */
	isHeldOut(item: Item): boolean;
	/** `count` different views (fewer where a format has fewer); the first, the plain one, examines. */
	views(item: Item, count: number, random: Random): readonly View[];
}

/** Makes other problems of one; each call may give another, null where none is found. */
export interface Variation {
	/** A harder one, made by adding to it. */
	deeper(item: Item, random: Random): Item | null;
	/** Another one of the same difficulty. */
	wider(item: Item, random: Random): Item | null;
}

/** Source of a task set, as an author writes it; all that is optional has a default that fits ungraded problems. */
export interface TaskSource {
	/** One problem of a difficulty and stratum, whichever side of the split it is on. */
	sample(difficulty: number, random: Random, stratum: string): Item;
	keyOf(item: Item): string;
	/** From 1 to 1. */
	readonly difficulty?: { readonly min: number; readonly max: number };
	/** 1. */
	difficultyOf?(item: Item): number;
	/** `['all']` */
	readonly strata?: readonly string[];
	/** The first stratum. */
	stratumOf?(item: Item): string;
	/** The stratum. */
	kindOf?(item: Item): string;
	/** Stratum of a problem for which none was asked; any that exists, equally likely. */
	mix?(difficulty: number, random: Random): string;
	/** Infinity. The share that is held out grows as a space shrinks. */
	space?(difficulty: number, stratum: string): number;
	/** By the key, in the share that fits the space. */
	isHeldOut?(item: Item): boolean;
	/** One plain view, `{ plain: true }`. */
	views?(item: Item, count: number, random: Random): readonly View[];
}

/** A task set out of what its author wrote. */
export function defineTasks(source: TaskSource): Tasks {
	const { keyOf, difficulty = { min: 1, max: 1 }, strata = ['all'] } = source;
	const [first = 'all'] = strata;
	const difficultyOf = source.difficultyOf ?? (() => 1);
	const stratumOf = source.stratumOf ?? (() => first);
	const views = source.views ?? (() => [{ plain: true }]);
	const space = (n: number, stratum: string): number => {
		checkStratum(strata, stratum);
		return source.space?.(n, stratum) ?? Infinity;
	};
	const isHeldOut =
		source.isHeldOut ??
		((item) => isHeldOutKey(keyOf(item), space(difficultyOf(item), stratumOf(item))));
	const mix =
		source.mix ??
		((n, random) => {
			const there = strata.filter((stratum) => space(n, stratum) > 0);
			return there.length > 1 ? random.pick(there) : (there[0] ?? first);
		});
	return {
		difficulty,
		strata,
		draw(n, random, stratum, split = 'training') {
			checkDifficulty(difficulty, n);
			if (stratum !== undefined && space(n, stratum) === 0)
				throw new RangeError(
					`There are no problems of difficulty ${n} in the stratum "${stratum}"; choose another.`,
				);
			const kind = stratum ?? mix(n, random);
			return drawFrom(split, () => source.sample(n, random, kind), isHeldOut);
		},
		space,
		keyOf,
		stratumOf,
		...(source.kindOf && { kindOf: source.kindOf }),
		difficultyOf,
		isHeldOut,
		views,
	};
}

/** The kind of a task, by which memory is looked up and caps are counted. */
export const kindOf = (tasks: Tasks, item: Item): string =>
	tasks.kindOf?.(item) ?? tasks.stratumOf(item);

/**
 * A finite list as a source: a data set that was loaded. Difficulties and strata are those of its items, each equally
 * likely within them. Throws a RangeError where the list is empty.
 */
export function listed(
	items: readonly Item[],
	of: Pick<TaskSource, 'keyOf' | 'difficultyOf' | 'stratumOf' | 'views'>,
): TaskSource {
	const difficultyOf = of.difficultyOf ?? (() => 1);
	const stratumOf = of.stratumOf ?? (() => 'all');
	const within = (n: number, stratum: string): readonly Item[] =>
		items.filter((item) => difficultyOf(item) === n && stratumOf(item) === stratum);
	const difficulties = items.map(difficultyOf);
	if (items.length === 0) throw new RangeError('A task set needs one item at least.');
	return {
		...of,
		difficulty: { min: Math.min(...difficulties), max: Math.max(...difficulties) },
		strata: [...new Set(items.map(stratumOf))],
		space: (n, stratum) => within(n, stratum).length,
		sample: (n, random, stratum) => random.pick(within(n, stratum)),
	};
}

/** A view to train on: half plain, half another, so that every way of writing is practised. */
export const trainingView = (tasks: Tasks, item: Item, random: Random): View =>
	random.pick(tasks.views(item, 2, random));
