/** @file Addresses and command lines of before ask for the same runs. */
import { describe, expect, test } from 'vitest';
import { readEvolve } from '#cli/commands/evolve.ts';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import { newRecord } from '#runs/request.ts';
import type { StartOptions } from '#runs/session.ts';
import { readAsked } from '../../src/ui/state/url.ts';
import before from '../fixtures/compatibility/asked.json';

const catalogue = { methods, environments: Object.values(environments) };

/** A request and the recipe of its run, with every knob under the name that it has today. */
function inTodaysNames(asked: unknown) {
	const options = asked as StartOptions;
	const { recipe } = newRecord(options, 'a', 0);
	return { ...options, knobs: recipe.knobs, recipe };
}

describe('an address', () => {
	test.each(before.addresses)('?$query', ({ query, asked, errors }) => {
		expect(errors).toEqual([]);
		const now = readAsked(new URLSearchParams(query), catalogue);
		expect(now.errors).toEqual(errors);
		expect(inTodaysNames(now.asked)).toEqual(inTodaysNames(asked));
	});
});

describe('a command line', () => {
	test.each(before.commands)('evolve $argv', ({ argv, options }) => {
		const now = readEvolve('evolve', '', argv, (command) => command.exitOverride());
		expect(inTodaysNames(now.options)).toEqual(inTodaysNames(options));
	});
});
