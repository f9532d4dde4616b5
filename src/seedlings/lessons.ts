/** @file The first lessons of a seedling as a run may practise them again: its base range, with the answers it was taught. */
import type { Environment } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';

/** A world's `lessons` over these difficulties, inclusive; nothing for a model that was taught none, or without a reference. */
export const lessonsOf = (
	{ reference }: Pick<Environment, 'reference'>,
	range: readonly [from: number, to: number] | undefined,
): {
	readonly lessons?: {
		readonly range: readonly [from: number, to: number];
		answerTo(item: Item): string;
	};
} => (reference && range ? { lessons: { range, answerTo: (item) => reference.solve(item) } } : {});
