/** @file The first lessons of a seedling as a run may practise them again: its base range, as it was taught. */
import type { Reference } from '#environments/answers.ts';
import type { Environment } from '#environments/environment.ts';
import type { Item } from '#environments/item.ts';

/** A world's `lessons` over these difficulties, inclusive; nothing for a model that was taught none, or without a reference. */
export const lessonsOf = (
	{ reference }: Pick<Environment, 'reference'>,
	range: readonly [from: number, to: number] | undefined,
): {
	readonly lessons?: Pick<Reference, 'conversation'> & {
		readonly range: readonly [from: number, to: number];
		answerTo(item: Item): string;
	};
} => {
	if (!reference || !range) return {};
	const { conversation } = reference;
	return {
		lessons: {
			range,
			answerTo: (item) => reference.solve(item),
			...(conversation && { conversation }),
		},
	};
};
