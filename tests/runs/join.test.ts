/** @file Recipes and environments are joined by what one needs and the other offers; a cell hears no other truth. */
import { describe, expect, test } from 'vitest';
import { environmentFor, type Truth } from '#environments/environment.ts';
import { environments, openEnvironment } from '#environments/registry.ts';
import { defineCell } from '#loop/cell.ts';
import { hearsTruth, use } from '#methods/method.ts';
import { easyToHard } from '#methods/easy-to-hard.ts';
import { methods } from '#methods/registry.ts';
import { selfInstructed } from '#methods/self-instruct.ts';
import { star } from '#methods/star.ts';
import { assemble } from '#runs/assemble.ts';
import { environmentsFor, misfit } from '#runs/join.ts';
import { scratchpad, testWorld } from '../loop/world.ts';

const all = Object.values(environments);
const namesFor = (recipe: (typeof methods)[number]) =>
	environmentsFor(recipe, all).map(({ name }) => name);

describe('a method fits', () => {
	test('every environment that offers what it needs, its own first', () => {
		expect(namesFor(easyToHard)).toEqual([
			'addition',
			...Object.keys(environments).filter((name) => name !== 'addition'),
		]);
		expect(namesFor(selfInstructed)).toEqual(['instructions']);
		expect(namesFor(star)).toEqual(['addition']);
	});

	test('the environment that it names', () => {
		for (const recipe of methods) expect(namesFor(recipe)[0]).toBe(recipe.environment);
	});

	test('no other, and says what is missing', () => {
		expect(misfit(selfInstructed, environments.sorting)).toBe(
			'Method self-instruct needs prompts that are chats, which environment sorting does not have.',
		);
		expect(misfit(easyToHard, environments.sorting)).toBeUndefined();
	});
});

describe('the truth', () => {
	test('is told to those methods whose cells ask for it before the examination', () => {
		expect(methods.filter(hearsTruth).map(({ name }) => name)).toEqual(['rest-em', 'star']);
	});

	test('is not in the environment of who does not ask for it', () => {
		const given = (...needs: Parameters<typeof environmentFor>[1]) => {
			const facets = Object.keys(environmentFor(scratchpad, needs));
			return (['score', 'reference', 'hint'] satisfies Truth[]).filter((truth) =>
				facets.includes(truth),
			);
		};
		expect(given()).toEqual([]);
		expect(given('score')).toEqual(['score']);
		expect(given('reference', 'hint?')).toEqual(['reference', 'hint']);
		expect(Object.keys(environmentFor(scratchpad, []))).toContain('answers');
	});

	test('that is missing is refused in a sentence, unless it can do without', () => {
		const sorting = openEnvironment('sorting');
		expect(() => environmentFor(sorting, ['hint'])).toThrow('Environment sorting has no hint.');
		expect(environmentFor(sorting, ['hint?'])).not.toHaveProperty('hint');
	});

	test('does not reach a cell of a run that did not ask for it', async () => {
		const seen: string[][] = [];
		const curious = defineCell({
			section: '4.1',
			address: '1-acquire/task/knowledge-free',
			title: 'Curious',
			step: 'evolveTasks',
			about: 'Looks at what it was given.',
			papers: [],
			knobs: {},
			needs: [],
			create: () => (context) => {
				seen.push(Object.keys(context.world.environment));
				return Promise.resolve([]);
			},
		});
		const recipe = { ...easyToHard, evolveTasks: use(curious) };
		await assemble(recipe).method.evolveTasks(testWorld().context());
		expect(seen[0]).toContain('tasks');
		expect(seen[0]).not.toContain('score');
		expect(seen[0]).not.toContain('reference');
	});
});
