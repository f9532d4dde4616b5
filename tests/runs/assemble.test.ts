/** @file Assembling: every knob checked, every cell in its place. */
import { describe, expect, test } from 'vitest';
import { addition as definition } from '#environments/arithmetic/addition.ts';
import { easyToHard } from '#methods/easy-to-hard.ts';
import { RecipeError } from '#methods/parts/method.ts';
import { methodNamed, methods } from '#methods/registry.ts';
import { star } from '#methods/star.ts';
import { choicesOf } from '#methods/parts/method.ts';
import { assemble } from '#runs/assemble.ts';
import { knobsOf } from '#runs/knob-rows.ts';
import { objectiveAt, testWorld } from '../loop/world.ts';

const valueOf = (rows: ReturnType<typeof knobsOf>, name: string) =>
	rows.find((row) => row.name === name)?.value;

describe('knobs', () => {
	test('stand as the recipe sets them, else at their default, unless turned', () => {
		const rows = knobsOf(star);
		expect(valueOf(rows, 'selected')).toBe(1000);
		expect(valueOf(rows, 'batch')).toBe(64);
		const turned = knobsOf(star, { selected: '50', rationalize: 'off' });
		expect(valueOf(turned, 'selected')).toBe(50);
		expect(valueOf(turned, 'rationalize')).toBe(false);
		expect(turned.find((row) => row.name === 'selected')?.preset).toBe(1000);
	});

	test('one that two cells read is one knob', () => {
		const rows = knobsOf(easyToHard, { agree: 0.6 }).filter((row) => row.name === 'agree');
		expect(rows).toMatchObject([
			{
				value: 0.6,
				readBy: ['1-acquire/solution/positive/rationale-based', '2-refine/filter/metric-free'],
			},
		]);
	});

	test("the environment's are checked with them, and start where the method needs them", () => {
		expect(assemble(star, {}, definition).environmentKnobs).toEqual({ format: 'scratchpad' });
		expect(assemble(star, { format: 'hints' }, definition).environmentKnobs).toEqual({
			format: 'hints',
		});
		expect(assemble(easyToHard, {}, definition).environmentKnobs).toEqual({ format: 'hints' });
	});

	test.each([
		[{ steps: 0 }, 'steps must be a whole number from 1 to 1000000; got "0".'],
		[{ steps: 'many' }, 'steps must be a whole number from 1 to 1000000; got "many".'],
		[{ trains: 'all' }, 'trains must be one of lora, full; got "all".'],
		[{ early: 'maybe' }, 'early must be on or off; got "maybe".'],
		[{ format: 'roman' }, 'format must be one of hints, plain, scratchpad; got "roman".'],
	])('%j is refused with what is allowed', (knobs, message) => {
		expect(() => assemble(easyToHard, knobs, definition)).toThrow(new RecipeError(message));
	});

	test('an unknown name is refused with a remedy, even one that every object has', () => {
		for (const name of ['speed', 'constructor'])
			expect(() => assemble(easyToHard, { [name]: 1 })).toThrow(
				new RegExp(`^Method easy-to-hard has no knob "${name}"; [a-z]`),
			);
	});

	test('a turned knob reaches the cell', async () => {
		const { method } = assemble(easyToHard, { problems: 7 });
		const tasks = await method.evolveTasks(testWorld().context({ objective: objectiveAt(9) }));
		expect(tasks).toHaveLength(7);
	});
});

describe('the registry', () => {
	test('finds each method by its name, and names all when there is none', () => {
		for (const recipe of methods) expect(methodNamed(recipe.name)).toBe(recipe);
		expect(() => methodNamed('debate')).toThrow(
			`Method must be one of ${methods.map(({ name }) => name).join(', ')}; got "debate".`,
		);
	});

	test.each(methods)(
		'$name sets no knob out of bounds, and the same for cells that share one',
		(recipe) => {
			const knobs = knobsOf(recipe);
			for (const { cell, set } of choicesOf(recipe)) {
				expect(Object.keys(cell.knobs)).toEqual(expect.arrayContaining(Object.keys(set)));
				for (const [name, knob] of Object.entries(cell.knobs))
					// Whoever reads a choice alone sees the value that the recipe runs with.
					expect(set[name] ?? knob.default, name).toBe(valueOf(knobs, name));
			}
		},
	);
});
