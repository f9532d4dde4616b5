/** @file Terms that explain themselves: found in a text, once each; and every one short enough to be read in passing. */
import { expect, test } from 'vitest';
import { piecesOf, terms } from '#ui/terms/terms.ts';

test('a term is marked where it occurs first, and the longest name wins', () => {
	const text = 'A LoRA of low rank: catastrophic forgetting is rare. Another LoRA.';
	const pieces = piecesOf(text);
	expect(pieces.map((piece) => piece.text).join('')).toBe(text);
	expect(pieces.filter(({ term }) => term).map((piece) => piece.text)).toEqual([
		'LoRA',
		'rank',
		'catastrophic forgetting',
	]);
});

test('a word that only holds a term is none: groundwork is no round, held-outs no held-out', () => {
	expect(piecesOf('franking and background, a self-update')).toEqual([
		{ text: 'franking and background, a self-update' },
	]);
});

test.each(Object.entries(terms))(
	'%s is explained in at most 40 words',
	(_name, { names, says, section }) => {
		expect(says.split(/\s+/).length).toBeLessThanOrEqual(40);
		expect(says).toMatch(/\.$/);
		expect(section).toMatch(/^\d(\.\d)*$/);
		for (const name of names)
			expect(piecesOf(name)).toEqual([expect.objectContaining({ text: name })]);
	},
);
