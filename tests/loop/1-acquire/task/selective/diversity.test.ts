/** @file Diversity: each next problem is the one least like those chosen before. */
import { expect, test } from 'vitest';
import { defaultsOf } from '#base/knobs.ts';
import { diversity } from '#loop/1-acquire/task/selective/diversity.ts';
import { selective } from '#loop/1-acquire/task/selective.ts';
import { openEnvironment } from '#environments/registry.ts';
import { addition, objectiveAt, testWorld } from '../../../world.ts';

const programs = openEnvironment('list-programs');
const pool = { poolSize: 60, poolFrom: -1, poolTo: 1 };
const knobs = { ...defaultsOf(diversity.knobs), ...pool, selected: 12 };
const at = (t = 1) =>
	testWorld({ environment: programs, start: { model: 'm' } }).context({
		objective: objectiveAt(3),
		t,
	});

/** Mean number of letters of its nearest neighbour that a text shares, as a share of its own. */
const likeness = (texts: readonly string[]): number => {
	const pairs = texts.map((text) => new Set(Array.from(text, (c, i) => c + (text[i + 1] ?? ''))));
	const nearest = pairs.map((a, i) =>
		Math.max(
			...pairs.map((b, j) => (i === j ? 0 : [...a].filter((x) => b.has(x)).length / a.size)),
		),
	);
	return nearest.reduce((sum, x) => sum + x, 0) / nearest.length;
};

test('chosen problems are less alike than those of a random choice', async () => {
	const chosen = await diversity.create(knobs)(at());
	const drawn = await selective.create({ ...pool, selected: 12, takes: 'random' })(at());
	expect(chosen).toHaveLength(12);
	expect(new Set(chosen.map(({ id }) => id)).size).toBe(12);
	expect(likeness(chosen.map(({ text }) => text))).toBeLessThan(
		likeness(drawn.map(({ text }) => text)) - 0.1,
	);
});

test('the same seed and round choose the same, never a held-out one; all are taken where there are too few', async () => {
	const [one, same, other] = [1, 1, 2].map((t) => diversity.create(knobs)(at(t)));
	expect(await same).toEqual(await one);
	expect(await other).not.toEqual(await one);
	const all = await diversity.create({ ...knobs, poolSize: 3, selected: 400 })(
		testWorld().context({ objective: objectiveAt(5) }),
	);
	expect(all).toHaveLength(9);
	expect(all.some(({ item }) => addition.tasks.isHeldOut(item))).toBe(false);
});
