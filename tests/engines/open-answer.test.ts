/** @file Streamed pieces of an answer: together they are its tokens and its whole text, wherever it ends. */
import { openAnswer } from '#engines/decoding/open-answer.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const end = 256;
/** A token for each byte. */
const tokenizer = {
	...{ vocabularySize: 257, endToken: end, padToken: end },
	encode: (text: string) => [...new TextEncoder().encode(text)],
	decode: (tokens: readonly number[]) =>
		new TextDecoder().decode(Uint8Array.from(tokens.filter((token) => token !== end))),
};

test('pieces are the whole answer, also if it is cut within a character', () => {
	const bytes = fc.array(fc.constantFrom(...new TextEncoder().encode('a日é'), 0xff, end), {
		minLength: 1,
		maxLength: 12,
	});
	const stops = fc.array(fc.constantFrom('a', '日a', 'éa'), { maxLength: 2 });
	fc.assert(
		fc.property(bytes, stops, (tokens, stop) => {
			const answer = openAnswer([0], tokenizer, {
				stop,
				endTokens: new Set([end]),
				room: { tokens: tokens.length, reason: 'length' },
				stream: true,
			});
			const pieces = [];
			for (const token of tokens) {
				if (answer.ended) break;
				pieces.push(...answer.take({ token, logprob: -1 }));
			}
			const closed = answer.close(false);
			pieces.push(...closed.pieces);
			expect(pieces.map(({ text }) => text).join('')).toBe(closed.answer.text);
			expect(pieces.map(({ token }) => token)).toEqual(closed.answer.tokens);
		}),
		{ numRuns: 500, seed: 1 },
	);
});
