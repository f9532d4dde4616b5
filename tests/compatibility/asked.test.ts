/** @file Addresses and command lines of before ask for the same runs. */
import { describe, expect, test } from 'vitest';
import { readEvolve } from '#cli/commands/evolve.ts';
import { environments } from '#environments/registry.ts';
import { methods } from '#methods/registry.ts';
import { newRecord } from '#runs/request.ts';
import { readAsked } from '../../src/ui/state/url.ts';
import before from '../fixtures/compatibility/asked.json';

const catalogue = { methods, environments: Object.values(environments) };

describe('an address', () => {
	test.each(before.addresses)('?$query', ({ query, asked, errors }) => {
		expect(errors).toEqual([]);
		const now = readAsked(new URLSearchParams(query), catalogue);
		expect(now).toEqual({ asked, errors });
		expect(newRecord(now.asked, 'a', 0).recipe.method).toBe(asked.method);
	});
});

describe('a command line', () => {
	test.each(before.commands)('evolve $argv', ({ argv, options }) => {
		const now = readEvolve('evolve', '', argv, (command) => command.exitOverride());
		expect(now.options).toEqual(options);
		expect(newRecord(now.options, 'a', 0).recipe.method).toBe(options.method);
	});
});
