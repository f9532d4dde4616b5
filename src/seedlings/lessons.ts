/** @file The first lessons of a seedling as a run may practise them again: its base range, with the answers it was taught. */
import type { Environment } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';

/** A world's `lessons`, or nothing where no answer can be taught. */
export const lessonsOf = ({
	base,
	reference,
}: Environment): {
	readonly lessons?: {
		readonly range: readonly [from: number, to: number];
		answerTo(item: Item): string;
	};
} => (reference ? { lessons: { range: base, answerTo: (item) => reference.solve(item) } } : {});
