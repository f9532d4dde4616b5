/** @file Selective tasks: a choice from a pool that stays the same. */
import { expect, test } from 'vitest';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { addition, objectiveAt, testWorld } from '../../world.ts';

const range = { takes: 'random', poolFrom: -2, poolTo: 2 } as const;

test('chooses at random from every difficulty of the range', async () => {
	const cell = selective.create({ selected: 100, poolSize: 50, ...range });
	const tasks = await cell(testWorld().context({ objective: objectiveAt(6) }));
	expect(tasks).toHaveLength(100);
	expect(new Set(tasks.map((task) => task.id)).size).toBe(100);
	expect([...new Set(tasks.map((task) => task.difficulty))].sort()).toEqual([4, 5, 6, 7, 8]);
	expect(tasks.every((task) => !addition.tasks.isHeldOut(task.item))).toBe(true);
});

test('the pool is fixed: two rounds choose differently out of the same problems', async () => {
	const all = selective.create({ selected: 1000, poolSize: 20, ...range });
	const some = selective.create({ selected: 30, poolSize: 20, ...range });
	const pool = new Set((await all(testWorld().context())).map((task) => task.id + task.text));
	expect(pool.size).toBe(100);
	const rounds = await Promise.all(
		[1, 2].map(async (t) =>
			(await some(testWorld().context({ t }))).map((task) => task.id + task.text),
		),
	);
	expect(rounds.flat().every((key) => pool.has(key))).toBe(true);
	expect(rounds[0]).not.toEqual(rounds[1]);
});

test('stays within what the environment can draw, and takes a range either way round', async () => {
	const cell = selective.create({ selected: 500, poolSize: 10, ...range, poolFrom: 3, poolTo: -9 });
	const tasks = await cell(testWorld().context({ objective: objectiveAt(2) }));
	expect([...new Set(tasks.map((task) => task.difficulty))].sort()).toEqual([1, 2, 3, 4, 5]);
});

test('chunks take every problem of the pool once before any comes again', async () => {
	const cell = selective.create({ selected: 40, poolSize: 20, ...range, takes: 'chunks' });
	const idsOf = async (t: number) => (await cell(testWorld().context({ t }))).map(({ id }) => id);
	const rounds = await Promise.all([1, 2, 3, 4].map(idsOf));
	expect(rounds.map((ids) => ids.length)).toEqual([40, 40, 20, 40]);
	expect(new Set(rounds.slice(0, 3).flat()).size).toBe(100);
	expect(rounds[3]).toEqual(rounds[0]);
});
