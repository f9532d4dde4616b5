/** @file Stop texts: the same cut however the answer comes in pieces, and nothing shown that is taken back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutAtStop, findStop } from '#engines/stop-text.ts';

const run = (pieces: readonly string[], stops: readonly string[]) => {
	const search = findStop<{ text: string; token: number }>(stops);
	const shown: { text: string; token: number }[] = [];
	const after: string[] = [];
	for (const [token, text] of pieces.entries()) {
		shown.push(...search.push({ text, token }));
		after.push(shown.map((piece) => piece.text).join(''));
	}
	shown.push(...search.flush());
	const text = shown.map((piece) => piece.text).join('');
	return { text, shown, after, stopped: search.stopped };
};

describe('stop texts', () => {
	test('end the answer before the first that is complete, and say so', () => {
		expect(run(['one', ' two', ' three'], ['two', 'one two'])).toMatchObject({
			text: '',
			stopped: true,
		});
		expect(run(['one\n', '\ntwo'], ['\n\n'])).toMatchObject({ text: 'one', stopped: true });
		expect(run(['a', 'b', 'X'], ['abc', 'b'])).toMatchObject({ text: 'a', stopped: true });
		expect(run(['a', 'b', 'X'], ['abc'])).toMatchObject({ text: 'abX', stopped: false });
		expect(run(['x', 'y'], [''])).toMatchObject({ text: 'xy', stopped: false });
	});

	test('hold back what may still become one, and let it go when it does not', () => {
		const { after, text } = run(['Hi', ' <', '|e', 'x'], ['<|end|>']);
		expect(after).toEqual(['Hi', 'Hi', 'Hi', 'Hi <|ex']);
		expect(text).toBe('Hi <|ex');
	});

	test('shorten the token they begin in, and leave out those that are theirs alone', () => {
		const { shown } = run(['ab', 'c#', '#', '', 'd'], ['##']);
		expect(shown).toEqual([
			{ text: 'ab', token: 0 },
			{ text: 'c', token: 1 },
		]);
	});

	test('cut alike however the text is cut into pieces, and show only what stays', () => {
		const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 12 });
		const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 }), {
			maxLength: 3,
		});
		fc.assert(
			fc.property(fc.array(letters, { maxLength: 6 }), stops, (pieces, wanted) => {
				const whole = pieces.join('');
				const { text, after, stopped } = run(pieces, wanted);
				expect({ text, stopped }).toEqual(cutAtStop(whole, wanted));
				const ends = wanted
					.filter((stop) => stop !== '' && whole.includes(stop))
					.map((stop) => ({ stop, end: whole.indexOf(stop) + stop.length }));
				const first = Math.min(...ends.map(({ end }) => end));
				const starts = ends
					.filter(({ end }) => end === first)
					.map(({ stop }) => first - stop.length);
				expect(text).toBe(ends.length === 0 ? whole : whole.slice(0, Math.min(...starts)));
				for (const shown of after) expect(text.startsWith(shown)).toBe(true);
			}),
		);
	});
});
