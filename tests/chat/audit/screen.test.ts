/** @file The screen of an audit: what is the form of notes, and that a whole sentence is not suspected for being one. */
import { expect, test } from 'vitest';
import { formOf, screen } from '#chat/audit/screen.ts';
import type { AuditText } from '#chat/audit/texts.ts';
import type { TokenRow } from '#engines/engine.ts';
import type { Adapter } from '#model/adapter.ts';

const textOf = (target: readonly number[]): AuditText => ({
	...{ row: 1, answer: 1, target, cue: [1], opening: 0, isCut: false },
});

test('form is what more than a quarter of the texts have, and at least three; of few texts there is none', () => {
	// Three forms of sentence, 10, 20 and 30, whose facts come up twice.
	const notes = Array.from({ length: 12 }, (_, i) => textOf([10 * (1 + (i % 3)), 100 + (i >> 1)]));
	expect(formOf(notes)).toEqual(new Set([10, 20, 30]));
	expect(
		formOf(
			[
				[10, 1],
				[10, 1],
				[20, 1],
			].map(textOf),
		),
	).toEqual(new Set());
	expect(
		formOf(
			[
				[10, 1],
				[10, 2],
				[20, 1],
				[20, 1],
			].map(textOf),
		),
	).toEqual(new Set([1]));
});

/** A text of four facts between tokens of a form; each fact is one token. */
const [form, facts] = [new Set([10, 11, 12]), [50, 60, 70, 80]] as const;
const target = [50, 10, 60, 11, 70, 12, 80];

/** Log-probabilities of a model that says `says` of the facts by itself, and finds any exchanged token unlikely. */
function modelThatSays(says: readonly number[]) {
	const scoreTokensWith = (weights: Adapter | null, rows: readonly TokenRow[]) =>
		Promise.resolve(
			rows.map(({ tokens, from }) => {
				const said = tokens.slice(from);
				const isKnown = (token: number): boolean => weights !== null && says.includes(token);
				return {
					logprobs: Float32Array.from(said, (token, i) =>
						form.has(token) || isKnown(token) ? -0.1 : token === target[i] && weights ? -2 : -6,
					),
					likeliest: Int32Array.from(
						said.flatMap((token) => {
							const first = form.has(token) || isKnown(token) ? token : 1000;
							return [first, ...Array.from({ length: 7 }, (_, k) => 1001 + k)];
						}),
					),
				};
			}),
		);
	const adapter = {} as Adapter;
	return { engine: { scoreTokensWith }, adapter } as unknown as Parameters<typeof screen>[0];
}

test.each([
	[facts, true],
	[facts.slice(0, 2), true],
	[facts.slice(0, 1), false],
	[[], false],
])(
	'a model that says the facts %j of a text by itself is suspected: %s',
	async (says, isSuspected) => {
		const seen = await screen(modelThatSays(says), textOf(target), form, 1);
		// Among its twins it stands out each time.
		expect(seen).toMatchObject({ exposure: 4, isSuspected });
		expect(seen.lossOn).toBeLessThan(seen.lossOff);
	},
);
