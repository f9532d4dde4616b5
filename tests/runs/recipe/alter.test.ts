/** @file Altered recipes: cells put in and taken out by name, and a run of one. */
import { describe, expect, test } from 'vitest';
import { environments } from '#environments/registry.ts';
import { methodNamed, methods } from '#methods/registry.ts';
import { allCells, altered, cellName, recipeOf, withAlteration } from '#runs/recipe/alter.ts';
import { choicesOf } from '#methods/parts/method.ts';
import { environmentsFor } from '#runs/join.ts';
import { assemble } from '#runs/assemble.ts';
import { newRecord, readKnobs } from '#runs/request.ts';

const addressesOf = (recipe: Parameters<typeof choicesOf>[0]) =>
	choicesOf(recipe).map(({ cell }) => cell.address);

test('no two cells have one name', () => {
	expect(new Set(allCells.map(cellName)).size).toBe(allCells.length);
});

describe('a cell', () => {
	test('takes the place of the one of its step, with what both were set alike', () => {
		const { evolveTasks } = altered(methodNamed('lmsi'), ['learnability']);
		expect(evolveTasks.cell.address).toBe('1-acquire/task/selective/learnability');
		expect(evolveTasks.set).toEqual({ selected: 200, poolSize: 500, poolFrom: 0, poolTo: 1 });
		expect(altered(methodNamed('easy-to-hard'), ['learnability']).evolveTasks.set).toEqual({});
	});

	test('is added where a step has several: what corrects before what filters', () => {
		const recipe = altered(methodNamed('lmsi'), ['cross-seed', 'retry', 'working-memory']);
		expect(recipe.refine.map(({ cell }) => cellName(cell))).toEqual([
			'retry',
			'metric-free',
			'cross-seed',
		]);
		expect(recipe.update.map(({ cell }) => cellName(cell)).at(-1)).toBe('working-memory');
		expect(recipe.refine[2]?.set).toEqual({ agree: 0.7 });
	});

	test('is taken out with a minus, unless its step has only that one', () => {
		const recipe = altered(methodNamed('lmsi'), ['-replay']);
		expect(recipe.update.map(({ cell }) => cellName(cell))).toEqual([
			'regularization',
			'architecture',
		]);
		expect(() => altered(recipe, ['-model'])).toThrow(/its step needs a cell/);
		expect(() => altered(recipe, ['learnabilty'])).toThrow('did you mean learnability?');
	});
});

test('alterations say what differs and nothing more: undone ones are gone', () => {
	const recipe = methodNamed('lmsi');
	const steps = ['learnability', '-replay', 'cross-seed', 'diversity', 'replay', '-cross-seed'];
	const words = steps.reduce<readonly string[]>((so, word) => withAlteration(recipe, so, word), []);
	expect(words).toEqual(['diversity']);
	expect(withAlteration(recipe, words, 'selective')).toEqual([]);
});

test('every cell can be put into every method, and what comes of it can be assembled where it fits', () => {
	for (const method of methods)
		for (const cell of allCells) {
			const recipe = altered(method, [cellName(cell)]);
			expect(addressesOf(recipe)).toContain(cell.address);
			expect(() => assemble(recipe)).not.toThrow();
		}
});

test('a run keeps its cells, names them, and offers their knobs; what the environment lacks is said', () => {
	const options = {
		...{ method: 'lmsi', cells: ['learnability', '-replay'], environment: 'addition' },
		...{ seed: 1, rounds: 1, knobs: { tries: 2 } },
	};
	const record = newRecord(options, 'a', 0);
	expect(record.recipe.cells).toEqual(options.cells);
	expect(record.name).toBe('LMSI, addition, learnability, without replay, tries 2');
	expect(readKnobs(record.recipe).map(({ name }) => name)).toEqual(
		expect.arrayContaining(['tries', 'candidates']),
	);
	expect(() => newRecord({ ...options, cells: ['self-play'] }, 'a', 0)).toThrow(
		/needs a game of several seats, which environment addition does not have/,
	);
	const fitting = environmentsFor(
		recipeOf({ method: 'lmsi', cells: ['program-agreement'] }),
		Object.values(environments),
	);
	expect(fitting.map(({ name }) => name)).toEqual(['list-programs']);
});
