/** @file Draws problems of an environment, for practice or for examination, never one for the other. */
import type { Random } from '#base/random.ts';
import type { Item, Split } from '#environments/item.ts';
import type { Tasks } from '#environments/tasks.ts';
import type { EnvironmentFor } from '#environments/environment.ts';
import type { Task } from './types.ts';

/** Draws in a row without a new problem, after which a difficulty counts as searched. */
const patience = 4_000;

/** Up to `count` different problems; fewer where there are no more, none where the stratum does not exist. */
export function drawItems(
	{ tasks }: { readonly tasks: Tasks },
	split: Split,
	difficulty: number,
	count: number,
	random: Random,
	stratum?: string,
): readonly Item[] {
	if (stratum !== undefined && tasks.space(difficulty, stratum) === 0) return [];
	const drawn = new Map<string, Item>();
	for (let misses = 0; misses < patience && drawn.size < count; misses++) {
		const item = tasks.draw(difficulty, random, stratum, split);
		const key = tasks.keyOf(item);
		if (drawn.has(key) || tasks.isHeldOut(item) !== (split === 'held-out')) continue;
		drawn.set(key, item);
		misses = 0;
	}
	return [...drawn.values()];
}

/** The problem as a task of a round. */
export const asTask = (
	{ tasks, words }: Pick<EnvironmentFor<never>, 'tasks' | 'words'>,
	id: string,
	item: Item,
): Task => ({
	id,
	item,
	difficulty: tasks.difficultyOf(item),
	stratum: tasks.stratumOf(item),
	text: words.show(item),
});
