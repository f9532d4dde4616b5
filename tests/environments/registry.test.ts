/** @file Environments by name, and alphabets that fit them. */
import { describe, expect, it } from 'vitest';
import { alphabets } from '#seedlings/alphabets.ts';
import {
	definitionOf,
	EnvironmentError,
	environments,
	openEnvironment,
} from '#environments/registry.ts';
import { seedlingOf, seedlings, type Seedling } from '#seedlings/seedlings.ts';
import { begunIn } from '#runs/request.ts';

describe('the registry', () => {
	it('opens each environment by its own name, with a seedling that is taught it', () => {
		for (const name of Object.keys(environments)) {
			const environment = openEnvironment(name);
			expect(environment.name).toBe(name);
			expect(definitionOf(name).name).toBe(name);
			expect(environment.words.title).toBe(definitionOf(name).title);
			// a chat needs a model that was taught English, which no seedling is
			const { model, taught } = begunIn(name).start;
			expect(Object.keys(alphabets).includes(model)).toBe(!environment.chat);
			if (environment.chat) continue;
			if (!taught) throw new Error(`${name} has no seedling.`);
			const [from, to] = taught;
			expect(from).toBeGreaterThanOrEqual(environment.tasks.difficulty.min);
			expect(to).toBeLessThan(environment.tasks.difficulty.max); // room to climb
		}
	});

	it('opens every choice of a knob', () => {
		for (const format of ['hints', 'plain', 'scratchpad'])
			expect(seedlingOf('addition', { format })?.name).toMatch(/^addition/);
		expect(openEnvironment('reversal', { direction: 'copy' }).words.verb).toBe('copy');
	});

	it.each([
		[
			'subtraction',
			{},
			`Environment must be one of ${Object.keys(environments).join(', ')}; got "subtraction".`,
		],
		[
			'constructor',
			{},
			`Environment must be one of ${Object.keys(environments).join(', ')}; got "constructor".`,
		],
		[
			'addition',
			{ format: 'roman' },
			'format must be one of hints, plain, scratchpad; got "roman".',
		],
		['addition', { base: 10 }, 'Environment addition has the knobs format; got "base".'],
		['sorting', { format: 'plain' }, 'Environment sorting has no knobs; got "format".'],
	])('says what is allowed: %s %j', (name, knobs, message) => {
		expect(() => openEnvironment(name, knobs as Record<string, string>)).toThrow(
			new EnvironmentError(message),
		);
	});

	it('teaches every seedling only what it is for', () => {
		expect(Object.keys(seedlings).sort()).toEqual(Object.keys(alphabets).sort());
		for (const [model, seedling] of Object.entries<Seedling>(seedlings)) {
			const { environment, knobs, lessons, also = [] } = seedling;
			const taught = [environment, ...also.map((one) => one.environment)];
			for (const lesson of lessons()) expect(taught).toContain(lesson.name);
			// One that knows several is nowhere the default: it is named by whoever wants it.
			expect(seedlingOf(environment, knobs)?.name === model).toBe(also.length === 0);
		}
	});

	it('lists each character once, padding first and the end mark second', () => {
		for (const alphabet of Object.values(alphabets)) {
			expect(new Set(alphabet).size).toBe(alphabet.length);
			expect(alphabet.slice(0, 2)).toEqual(['_', '$']);
			expect(alphabet.every((character) => character.length === 1)).toBe(true);
		}
		expect(alphabets.addition).toHaveLength(46);
	});
});
