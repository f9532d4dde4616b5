/** @file Mutation: solved programs get an operation more or another one, never a held-out or an unanswerable problem. */
import { expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { environmentFor } from '#environments/environment.ts';
import { openEnvironment } from '#environments/registry.ts';
import { mutation } from '#loop/1-acquire/task/knowledge-free/mutation.ts';
import { asTask } from '#loop/draw.ts';
import { experienceOf, objectiveAt, testWorld } from '../../../world.ts';

const programs = openEnvironment('list-programs');
const { tasks, reference } = programs;
/** All that the cell asks for, and no key. */
const environment = environmentFor(programs, mutation.needs);
const make = (deeper: number, seed = 1, easier = 0) => {
	const at = testWorld({ environment: programs, start: { model: 'm' }, seed });
	return mutation.create({ mutations: 60, deeper, easier })({
		...at.context({ objective: objectiveAt(3) }),
		world: { ...at.world, environment },
	});
};

test('in depth a problem has one operation more, in breadth as many as before', async () => {
	const [deep, wide] = [await make(1), await make(0)];
	for (const made of [deep, wide]) expect(made).toHaveLength(60);
	expect(new Set(deep.map(({ difficulty }) => difficulty))).toEqual(new Set([4]));
	expect(new Set(wide.map(({ difficulty }) => difficulty))).toEqual(new Set([3]));
	expect(new Set(wide.map(({ stratum }) => stratum)).size).toBe(3);
});

test('before anything was solved, parents may be easier than what is practised', async () => {
	const made = await make(0, 1, 2);
	expect(new Set(made.map(({ difficulty }) => difficulty))).toEqual(new Set([1, 2]));
	expect(made.length).toBeGreaterThan(40);
});

test('every problem can be answered, is new, and is on the side of training; the same seed makes the same', async () => {
	const made = await make(0.5);
	for (const { item } of made) {
		expect(tasks.isHeldOut(item)).toBe(false);
		expect(reference.isRight(item, reference.solve(item))).toBe(true);
	}
	expect(new Set(made.map(({ item }) => tasks.keyOf(item))).size).toBe(made.length);
	expect(await make(0.5)).toEqual(made);
	expect(await make(0.5, 2)).not.toEqual(made);
});

test('what was solved before is the first to be varied', async () => {
	const item = tasks.draw(7, random(4), 'deduction');
	const fate = { kind: 'kept', examples: [] } as const;
	const solved = experienceOf(asTask(programs, 'solved', item), [], { fate }, programs);
	const at = testWorld({ environment: programs, start: { model: 'm' }, past: () => [solved] });
	const made = await mutation.create({ mutations: 5, deeper: 0, easier: 0 })({
		...at.context({ objective: objectiveAt(1), t: 2 }),
		world: { ...at.world, environment },
	});
	expect(made[0]?.difficulty).toBe(7);
	expect(made[0]?.item['input']).toBe(item['input']);
});
