/** @file Task sets that are a finite list: a data set that was loaded. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import type { Item } from '#environments/item.ts';
import { defineTasks, listed } from '#environments/tasks.ts';

/** 60 names of two kinds; the kind `long` begins at difficulty 2, and nothing is of difficulty 3. */
const items: readonly Item[] = Array.from({ length: 60 }, (_, i) => ({
	name: `n${i}`,
	level: [1, 2, 4][i % 3] ?? 1,
	kind: i % 3 !== 0 && i % 2 === 0 ? 'long' : 'short',
}));
const tasks = defineTasks(
	listed(items, {
		keyOf: (item) => `names/${String(item['name'])}`,
		difficultyOf: (item) => Number(item['level']),
		stratumOf: (item) => String(item['kind']),
	}),
);

describe('a listed task set', () => {
	it('has the difficulties and strata of its items, and as many of each as there are', () => {
		expect(tasks.difficulty).toEqual({ min: 1, max: 4 });
		expect(tasks.strata).toEqual(['short', 'long']);
		expect(tasks.space(1, 'short')).toBe(20);
		expect(tasks.space(1, 'long')).toBe(0);
		expect(tasks.space(2, 'short') + tasks.space(2, 'long')).toBe(20);
	});

	it('draws nothing but its items, each side of the split from its own', () => {
		const stream = random(1);
		const drawn = (split: 'training' | 'held-out') =>
			Array.from({ length: 200 }, () => tasks.draw(4, stream, undefined, split));
		const [training, heldOut] = [drawn('training'), drawn('held-out')];
		for (const item of [...training, ...heldOut]) {
			expect(items).toContain(item);
			expect(tasks.difficultyOf(item)).toBe(4);
		}
		expect(training.some(tasks.isHeldOut)).toBe(false);
		expect(heldOut.every(tasks.isHeldOut)).toBe(true);
		expect(new Set([...training, ...heldOut]).size).toBe(20);
	});

	it('draws a stratum that was asked for, and the same items at the same seed', () => {
		const draw = (seed: number) =>
			Array.from({ length: 9 }, (_, i) => tasks.draw(2, random(seed + i), 'long'));
		expect(draw(7)).toEqual(draw(7));
		for (const item of draw(7)) expect(item['kind']).toBe('long');
	});

	it('refuses what is not in the list', () => {
		expect(() => tasks.draw(1, random(1), 'long')).toThrow(RangeError);
		expect(() => tasks.draw(3, random(1), 'short')).toThrow(RangeError);
		expect(() => tasks.draw(3, random(1))).toThrow(RangeError);
		expect(() => tasks.draw(5, random(1))).toThrow(RangeError);
		expect(() => listed([], { keyOf: () => '' })).toThrow('at least');
	});

	it('of one kind needs no more than a key, and is examined as far as its held-out items go', () => {
		const plain = defineTasks(listed(items, { keyOf: (item) => `plain/${String(item['name'])}` }));
		expect(plain.difficulty).toEqual({ min: 1, max: 1 });
		expect(plain.strata).toEqual(['all']);
		const heldOut = items.filter(plain.isHeldOut);
		const drawn = drawHeldOut({ name: 'plain', tasks: plain }, 1, 'all', 100, 1);
		expect(new Set(drawn)).toEqual(new Set(heldOut));
		expect(drawn.length).toBeGreaterThan(10);
	});
});
