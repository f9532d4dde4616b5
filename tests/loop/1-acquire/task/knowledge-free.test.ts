/** @file Knowledge-free tasks: new, distinct, of the difficulty practised, never held out. */
import { expect, test } from 'vitest';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { addition, objectiveAt, testWorld } from '../../world.ts';

const cell = knowledgeFree.create({ problems: 60 });

test('draws as many different problems as asked, at the difficulty of the objective', async () => {
	const at = testWorld();
	const tasks = await cell(at.context({ objective: objectiveAt(11) }));
	expect(tasks).toHaveLength(60);
	expect(new Set(tasks.map((task) => task.id)).size).toBe(60);
	expect(new Set(tasks.map((task) => addition.tasks.keyOf(task.item))).size).toBe(60);
	for (const task of tasks) {
		expect(task.difficulty).toBe(11);
		expect(task.stratum).toBe(addition.tasks.stratumOf(task.item));
		expect(addition.tasks.isHeldOut(task.item)).toBe(false);
	}
	expect(at.reports.at(-1)).toMatchObject({ kind: 'step', phase: 'acquire', done: 60 });
});

test('draws the same again for the same seed and round, and others in another round', async () => {
	const first = await cell(testWorld().context());
	expect(await cell(testWorld().context())).toEqual(first);
	const next = await cell(testWorld().context({ t: 2 }));
	expect(next.map((task) => task.text)).not.toEqual(first.map((task) => task.text));
	const ids = new Set([...first, ...next].map((task) => task.id));
	expect(ids.size).toBe(120);
});

test('gives fewer where there are no more', async () => {
	const tasks = await cell(testWorld().context({ objective: objectiveAt(1) }));
	expect(tasks.length).toBeGreaterThan(10);
	expect(tasks.length).toBeLessThan(60);
});

test('does not begin when the run is stopped', () => {
	const at = testWorld({ signal: AbortSignal.abort(new Error('enough')) });
	expect(() => cell(at.context())).toThrow('enough');
});
