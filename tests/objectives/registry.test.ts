/** @file Objectives by name: plain data in, an objective out, and a sentence if a name or option is not allowed. */
import { expect, test } from 'vitest';
import {
	objectives,
	openObjective,
	openPenalty,
	penalties,
	type ObjectiveSpec,
} from '#objectives/registry.ts';
import { defaultsOf } from '#base/knobs.ts';

test('each opens by its name with its defaults, also after it was stored as JSON', () => {
	for (const { role, name, options } of [...objectives, ...penalties]) {
		const spec = JSON.parse(JSON.stringify({ name, ...defaultsOf(options) })) as ObjectiveSpec;
		const open = role === 'penalty' ? openPenalty : openObjective;
		expect(open(spec as never).name).toBe(name);
	}
});

test('says what it cannot do without', () => {
	expect(openObjective({ name: 'supervised' }).needs).toEqual([]);
	const dpo = openObjective({ name: 'dpo', beta: 0.1, labelSmoothing: 0, likelihood: 0 });
	expect([dpo.needs, dpo.learnsTexts]).toEqual([['pairs', 'reference'], false]);
	const gradient = {
		name: 'policy-gradient',
		clipLow: 0.2,
		clipHigh: 0.2,
		average: 'tokens',
	} as const;
	expect(openObjective({ ...gradient, ratio: 'none' }).needs).toEqual(['advantages']);
	expect(openObjective({ ...gradient, ratio: 'clip' }).needs).toContain('sampled-logprobs');
});

test('refuses a name or an option that is not allowed', () => {
	const open = (spec: object) => () => openObjective(spec as ObjectiveSpec);
	expect(open({ name: 'constructor' })).toThrow('There is no objective "constructor"; these are');
	expect(open({ name: 'dpo', beta: -1 })).toThrow('beta must be a number from 0.001 to 10');
	expect(open({ name: 'policy-gradient', average: 'mean' })).toThrow('average must be one of');
});
