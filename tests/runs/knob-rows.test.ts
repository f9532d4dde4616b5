/** @file Names of knobs: a knob belongs to its cell, and its short name is enough while it means one thing. */
import { describe, expect, test } from 'vitest';
import { environments } from '#environments/registry.ts';
import { defineCell } from '#loop/cell.ts';
import { replay } from '#loop/3-update/in-weight/replay.ts';
import { easyToHard } from '#methods/easy-to-hard.ts';
import { use, type Recipe } from '#methods/parts/method.ts';
import { methods } from '#methods/registry.ts';
import { assemble } from '#runs/assemble.ts';
import { environmentsFor } from '#runs/join.ts';
import { Command } from 'commander';
import { knobsAmong, parseWithKnobs } from '#cli/flags.ts';
import { knobsOf } from '#runs/knob-rows.ts';
import { allSettings, settingsOf } from '../../src/ui/state/catalogue.ts';
import { readAsked } from '../../src/ui/state/url.ts';

/** What the cell below was created with. */
const seen: unknown[] = [];

/** A cell with a knob of the same name as one of `replay`, and another declaration. */
const other = defineCell({
	section: '6.1.1',
	address: '3-update/in-weight/rehearsal',
	title: 'Rehearsal',
	step: 'update',
	about: 'A cell for a test.',
	papers: [],
	knobs: {
		share: {
			kind: 'number',
			label: 'Share',
			help: 'Another share.',
			default: 0.1,
			min: 0,
			max: 1,
		},
		repeats: replay.knobs.repeats,
	},
	needs: [],
	create: (knobs) => {
		seen.push(knobs);
		return (plan) => Promise.resolve(plan);
	},
});
const recipe: Recipe = {
	...easyToHard,
	update: [...easyToHard.update, use(other, { share: 0.2 })],
};
const valuesOf = (overrides: Parameters<typeof knobsOf>[1]) =>
	Object.fromEntries(knobsOf(recipe, overrides).map(({ name, value }) => [name, value]));

describe('two cells with another knob of the same name', () => {
	test('have a control each, named by its cell', () => {
		expect(valuesOf({})).toMatchObject({ 'replay.share': 0.5, 'rehearsal.share': 0.2 });
		expect(valuesOf({})).not.toHaveProperty('share');
		expect(valuesOf({ 'rehearsal.share': 0.3 })).toMatchObject({
			'replay.share': 0.5,
			'rehearsal.share': 0.3,
		});
	});

	test('are asked for by these names: the short one is refused with both', () => {
		expect(() => knobsOf(recipe, { share: 0.3 })).toThrow(
			'Method easy-to-hard has several knobs "share": name replay.share or rehearsal.share.',
		);
	});

	test('are created with their own value', () => {
		assemble(recipe, { 'rehearsal.share': 0.4, repeats: 7 });
		expect(seen.at(-1)).toEqual({ share: 0.4, repeats: 7 });
	});

	test('share a knob that they declare with one object', () => {
		const [row, ...rest] = knobsOf(recipe).filter(({ short }) => short === 'repeats');
		expect(rest).toEqual([]);
		expect(row).toMatchObject({
			name: 'repeats',
			readBy: ['3-update/in-weight/replay', '3-update/in-weight/rehearsal'],
		});
	});
});

test('a knob can be named by its cell also where the short name is enough, and keeps that', () => {
	const rows = knobsOf(easyToHard, { 'replay.share': 0.25, 'regularization.average': 0 });
	const turned = rows.filter(({ value, preset }) => value !== preset);
	expect(turned.map(({ name, value }) => [name, value])).toEqual([
		['share', 0.25],
		['average', 0],
	]);
});

test('of both names of a knob the one that was given last counts', () => {
	const shareOf = (overrides: Parameters<typeof knobsOf>[1]) =>
		knobsOf(easyToHard, overrides).find(({ name }) => name === 'share')?.value;
	expect(shareOf({ share: 0.25, 'replay.share': 0.1 })).toBe(0.1);
	expect(shareOf({ 'replay.share': 0.1, share: 0.25 })).toBe(0.25);
});

test.each(methods)(
	'the short names of $name are enough, so that addresses and flags stay short',
	(method) => {
		for (const definition of environmentsFor(method, Object.values(environments)))
			for (const { name, short } of knobsOf(method, {}, definition)) expect(name).toBe(short);
	},
);

describe('two cells with another knob of the same name, set one by one', () => {
	const both = { 'replay.share': 0.25, 'rehearsal.share': 0.75 };

	test('from flags', () => {
		const argv = ['--replay.share', '0.25', '--rehearsal.share=0.75'];
		const rows = knobsOf(recipe);
		const knobs = knobsAmong(rows, parseWithKnobs(new Command(), argv, rows).opts());
		expect(valuesOf(knobs)).toMatchObject(both);
	});

	test('from an address', () => {
		const catalogue = { methods: [recipe], environments: Object.values(environments) };
		const query = 'replay.share=0.25&rehearsal.share=0.75';
		expect(readAsked(new URLSearchParams(query), catalogue)).toMatchObject({
			asked: { knobs: both },
			errors: [],
		});
	});

	test('from a control of the page at each of the cells', () => {
		const settings = allSettings(recipe, undefined);
		const controls = recipe.update.map((part) => settingsOf(settings, part).map((s) => s.name));
		expect(controls[0]).toContain('replay.share');
		expect(controls.at(-1)).toEqual(['repeats', 'rehearsal.share']);
	});
});

describe('the name by its cell, while the short one is enough', () => {
	test('is a flag', () => {
		const rows = knobsOf(easyToHard);
		const argv = ['--replay.share', '0.25', '--metric-free.agree=0.5'];
		const knobs = knobsAmong(rows, parseWithKnobs(new Command(), argv, rows).opts());
		expect(knobs).toEqual({ share: '0.25', agree: '0.5' });
	});

	test('is a parameter of the address', () => {
		const catalogue = { methods, environments: Object.values(environments) };
		const query = 'method=easy-to-hard&replay.share=0.25';
		expect(readAsked(new URLSearchParams(query), catalogue)).toMatchObject({
			asked: { knobs: { share: 0.25 } },
			errors: [],
		});
	});
});

test('an unknown name is answered with the nearest', () => {
	expect(() => knobsOf(easyToHard, { shar: 1 })).toThrow('did you mean share?');
	expect(() => knobsOf(easyToHard, { 'replay.shar': 1 })).toThrow('did you mean replay.share?');
});

test('the name of before goes on working: in records, flags and addresses, alone and with its cell', () => {
	const shareOf = (overrides: Readonly<Record<string, number>>) =>
		knobsOf(easyToHard, overrides).find(({ name }) => name === 'share')?.value;
	expect(shareOf({ replayShare: 0.25 })).toBe(0.25);
	expect(shareOf({ 'replay.replayShare': 0.25 })).toBe(0.25);
	expect(shareOf({ replayShare: 0.25, share: 0.1 })).toBe(0.1);
	const rows = knobsOf(easyToHard);
	for (const flag of ['--replay-share', '--replayShare', '--replay.replay-share', '--share']) {
		const { args, ...parsed } = { args: [flag, '0.25'], command: new Command().exitOverride() };
		const flags = parseWithKnobs(parsed.command, args, rows).opts<Record<string, unknown>>();
		expect(knobsAmong(rows, flags), flag).toEqual({ share: '0.25' });
	}
});
