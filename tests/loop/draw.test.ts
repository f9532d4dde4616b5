/** @file Drawing: different problems of one side of the split. */
import { expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { drawItems } from '#loop/draw.ts';
import { addition } from './world.ts';

test('draws different problems, all of the side asked for', () => {
	for (const split of ['training', 'held-out'] as const) {
		const items = drawItems(addition, split, 3, 200, random(1));
		expect(new Set(items.map((item) => addition.tasks.keyOf(item))).size).toBe(200);
		expect(items.every((item) => addition.tasks.isHeldOut(item) === (split === 'held-out'))).toBe(
			true,
		);
	}
});

test('gives what there is where a difficulty runs dry, and nothing of a stratum that does not exist', () => {
	const both = (['training', 'held-out'] as const).map(
		(split) => drawItems(addition, split, 1, 500, random(1), 'equal').length,
	);
	expect(both.reduce((sum, n) => sum + n, 0)).toBe(addition.tasks.space(1, 'equal'));
	expect(drawItems(addition, 'training', 1, 10, random(1), 'unequal')).toEqual([]);
});

test('keeps to the stratum asked for', () => {
	const items = drawItems(addition, 'training', 5, 50, random(3), 'unequal');
	expect(items.map((item) => addition.tasks.stratumOf(item))).toEqual(Array(50).fill('unequal'));
});
