/** @file Which problems are held out: how many of a space, and the same ones everywhere. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import { openEnvironment } from '#environments/registry.ts';
import { drawFrom, heldOutShare, isHeldOutKey } from '#environments/split.ts';

const addition = openEnvironment('addition');

describe('the split', () => {
	it('holds out 1 in 8 of a large space, 240 of a smaller one, never more than half', () => {
		expect(heldOutShare(1e30)).toBe(1 / 8);
		expect(heldOutShare(1_920)).toBe(1 / 8);
		expect(heldOutShare(1_000)).toBeCloseTo(0.24);
		expect(heldOutShare(300)).toBe(1 / 2);
		expect(heldOutShare(0)).toBe(1 / 2);
	});

	it('keeps the share over many keys', () => {
		const keys = Array.from({ length: 80_000 }, (_, i) => `addition/${i}+${7 * i}`);
		const held = keys.filter((key) => isHeldOutKey(key, 1e9)).length;
		expect(held / keys.length).toBeGreaterThan(0.12); // 4 sigma are 0.0047
		expect(held / keys.length).toBeLessThan(0.13);
	});

	it('is the same on every machine: these problems are held out for good', () => {
		// Recorded. A change here lets old models train on what examines them, so it needs new seedlings.
		const items = drawHeldOut(addition, 3, 'equal', 4, 1).map((item) => addition.words.show(item));
		expect(items).toMatchInlineSnapshot(`
			[
			  "505 + 970",
			  "349 + 927",
			  "458 + 595",
			  "852 + 170",
			]
		`);
		const words = drawHeldOut(openEnvironment('reversal'), 5, 'all', 4, 1);
		expect(words.map(({ word }) => word)).toMatchInlineSnapshot(`
			[
			  "zbcnm",
			  "wvdvz",
			  "zfunp",
			  "uerzp",
			]
		`);
		const lists = drawHeldOut(openEnvironment('sorting'), 5, 'all', 4, 1);
		expect(lists.map((item) => item['digits'])).toMatchInlineSnapshot(`
			[
			  "10567",
			  "30186",
			  "53670",
			  "33191",
			]
		`);
	});

	it('does not depend on the format or the direction', () => {
		const stream = random(4);
		for (let i = 0; i < 300; i++) {
			const split = i % 2 === 0 ? 'training' : 'held-out';
			const sum = addition.tasks.draw(6, stream, undefined, split);
			for (const format of ['plain', 'scratchpad'])
				expect(openEnvironment('addition', { format }).tasks.isHeldOut(sum)).toBe(
					split === 'held-out',
				);
			const word = openEnvironment('reversal').tasks.draw(6, stream, undefined, split);
			expect(openEnvironment('reversal', { direction: 'copy' }).tasks.isHeldOut(word)).toBe(
				split === 'held-out',
			);
		}
	});

	it('has no held-out problems of a stratum that does not exist', () => {
		expect(drawHeldOut(addition, 1, 'unequal', 10, 1)).toEqual([]);
		expect(drawHeldOut(addition, 1, 'equal', 1_000, 1).length).toBeLessThan(55);
	});

	it('gives up with a sentence where one side of the split is empty', () => {
		const sample = (): { a: string } => ({ a: '1' });
		expect(() => drawFrom('held-out', sample, () => false)).toThrow(/No held-out problem/);
		expect(() => drawFrom('training', sample, () => true)).toThrow(/No training problem/);
	});
});
