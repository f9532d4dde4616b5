/** @file Knowledge-free tasks: new, distinct, of the difficulty practised, never held out. */
import { expect, test } from 'vitest';
import { knowledgeFree } from '#loop/1-acquire/task/knowledge-free.ts';
import { openEnvironment } from '#environments/registry.ts';
import { kindOf } from '#environments/tasks.ts';
import { addition, objectiveAt, testWorld } from '../../world.ts';

const cell = knowledgeFree.create({ problems: 60, spread: 'drawn' });

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

test('spread over weak kinds, practises what fails most and leaves next to nothing for what is right', async () => {
	const english = openEnvironment('instructions');
	const weak = knowledgeFree.create({ problems: 96, spread: 'weak-kinds' });
	const at = testWorld();
	const context = at.context();
	const drawn = await weak({
		...context,
		world: { ...context.world, environment: english },
		objective: { ...objectiveAt(1), kinds: { bullets: 0, title: 1, 'most-words': 0.5 } },
	});
	const counts = new Map<string, number>();
	for (const { item } of drawn) {
		const kind = kindOf(english.tasks, item);
		counts.set(kind, (counts.get(kind) ?? 0) + 1);
	}
	expect(drawn).toHaveLength(96);
	expect(new Set(drawn.map(({ text }) => text)).size).toBe(96);
	expect(drawn.some(({ item }) => english.tasks.isHeldOut(item))).toBe(false);
	// Of 17 kinds: whole weight 6 or 7, half 3, a tenth at most 1.
	expect(counts.size).toBe(17);
	expect(counts.get('bullets')).toBeGreaterThanOrEqual(6);
	expect(counts.get('most-words')).toBeLessThanOrEqual(4);
	expect(counts.get('title')).toBeLessThanOrEqual(3);
});

test('does not begin when the run is stopped', () => {
	const at = testWorld({ signal: AbortSignal.abort(new Error('enough')) });
	expect(() => cell(at.context())).toThrow('enough');
});
