/** @file What a model kept of a prompt: counts by head, shades, passages, and the recording that the lesson shows. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
	outcomeOf,
	outcomes,
	packed,
	readLooking,
	shareKept,
	unpacked,
} from '#ui/panels/learn/looking/recorded.ts';
import {
	countsOf,
	everything,
	mostShade,
	passagesOf,
	runsOf,
	type Looked,
} from '#ui/panels/looking/looking.ts';

/** Ten tokens, two layers of two heads; all of them keep the end. */
const looked: Looked = {
	pieces: ['a', ' b', ' c', ' d', ' e', ' f', ' g', ' h', '?', '\n'],
	kept: [
		[
			[1, 2, 3, 8, 9],
			[1, 2, 3, 8, 9],
		],
		[
			[1, 2, 3, 8, 9],
			[4, 5, 6, 8, 9],
		],
	],
};

describe('what heads kept', () => {
	test('is counted for all of them, for a layer, for a head of every layer, and for one', () => {
		const all = countsOf(looked, everything);
		expect([...all.of, all.heads]).toEqual([0, 3, 3, 3, 1, 1, 1, 0, 4, 4, 4]);
		const layer = countsOf(looked, { layer: 1, head: null });
		expect([...layer.of, layer.heads]).toEqual([0, 1, 1, 1, 1, 1, 1, 0, 2, 2, 2]);
		const head = countsOf(looked, { layer: null, head: 0 });
		expect([...head.of, head.heads]).toEqual([0, 2, 2, 2, 0, 0, 0, 0, 2, 2, 2]);
		const one = countsOf(looked, { layer: 1, head: 1 });
		expect([...one.of, one.heads]).toEqual([0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1]);
	});

	test('is drawn in runs that are the whole text, the deepest for what every head keeps', () => {
		const runs = runsOf(looked, countsOf(looked, everything));
		expect(runs.map(({ text }) => text).join('')).toBe(looked.pieces.join(''));
		expect(runs.map(({ shade }) => shade)).toEqual([0, 5, 2, 0, mostShade]);
		expect(runs.map(({ share }) => share)).toEqual([0, 0.75, 0.25, 0, 1]);
	});

	test('is said in passages, the most kept first, without the end that all keep', () => {
		expect(passagesOf(looked, countsOf(looked, everything), 1)).toEqual([
			{ text: 'b c d', share: 0.75 },
		]);
		// The bar falls until one head is enough: then both passages are one.
		expect(passagesOf(looked, countsOf(looked, everything))).toEqual([
			{ text: 'b c d e f g', share: 0.5 },
		]);
	});
});

describe('the recording', () => {
	test('holds sets as bits that come back as they were', () => {
		const places = [0, 7, 8, 63, 99];
		expect([...unpacked(packed(places, 100), 100)]).toEqual(places);
		expect([...unpacked(packed([], 9), 9)]).toEqual([]);
	});

	test('that comes with the page is small, keeps a quarter in each of 90 heads, and the question decides', async () => {
		const file = await readFile('public/recordings/looking.json', 'utf8');
		expect(file.length).toBeLessThan(100_000);
		const recorded = readLooking(JSON.parse(file));
		for (const { looked: seen, from, to, whole, part } of recorded.questions) {
			expect(seen.kept.flat()).toHaveLength(90);
			const counts = new Set(seen.kept.flat().map((set) => set.length));
			expect([...counts]).toEqual([Math.ceil(recorded.share * seen.pieces.length)]);
			const code = /\d+/.exec(seen.pieces.slice(from, to).join(''))?.[0] ?? 'none';
			expect([whole, part].map((answer) => answer.includes(code))).toEqual([true, true]);
			for (const other of recorded.questions)
				if (other.looked !== seen)
					expect(shareKept(seen, from, to)).toBeGreaterThan(shareKept(other.looked, from, to));
		}
		expect(outcomes[outcomeOf(recorded)]).toBe('question');
	});

	test('is refused by the name of what is wrong', () => {
		expect(() => readLooking({ model: 'm', share: 0.25, source: 's' })).toThrow(/questions/);
	});
});
