/** @file What tokens write: put together, the bytes of a text's tokens are the text. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { hfTokenizer } from '#model/tokenizers/hf-tokenizer.ts';
import { tokenizerJsonBytes, vocabularyBytes } from '#model/tokenizers/token-bytes.ts';
import { vocabulary } from '../../fixtures/checkpoint/ours.ts';

const path = new URL('../../fixtures/checkpoint/byte-level/tokenizer.json', import.meta.url);
const json = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
const marks = { padToken: 0, endToken: 1 };
const text = (parts: readonly (Uint8Array | undefined)[]) =>
	new TextDecoder('utf-8', { fatal: true }).decode(
		Uint8Array.from(parts.flatMap((part) => Array.from(part ?? []))),
	);

describe('the bytes of tokens', () => {
	test.each(['Hello, world', ' naïve café\n\ttab', '日本語 😀', 'a\u00a0b\u00ad\u0000'])(
		'of a byte-level vocabulary make %j',
		(wanted) => {
			const tokenizer = hfTokenizer(json, marks);
			const bytes = vocabularyBytes(tokenizer);
			expect(bytes).toHaveLength(tokenizer.vocabularySize);
			expect(text(tokenizer.encode(wanted).map((token) => bytes[token]))).toBe(wanted);
		},
	);

	test('of special tokens are none, also where a tokenizer only decodes', () => {
		const bytes = vocabularyBytes(characterTokenizer(vocabulary));
		expect(bytes.slice(0, 2)).toEqual([undefined, undefined]);
		expect(text([bytes[2]])).toBe(vocabulary.characters[0]);
		const added = [
			{ id: 2, content: '<end>', special: true },
			{ id: 3, content: '<think>', special: false },
		];
		const ids = new Map([
			['a', 0],
			['Ġb', 1],
			['<end>', 2],
			['<think>', 3],
		]);
		const found = tokenizerJsonBytes({ decoder: { type: 'ByteLevel' }, added_tokens: added }, ids);
		expect(found?.has(2)).toBe(false);
		expect([0, 1, 3].map((id) => text([found?.get(id)]))).toEqual(['a', ' b', '<think>']);
	});

	test('are those of the last id of a token that is listed twice; the other has none', () => {
		const twice = new Map([
			[undefined, 0],
			['a', 1],
		]);
		const found = tokenizerJsonBytes({ decoder: { type: 'ByteLevel' } }, twice);
		expect(found).toEqual(new Map([[1, Uint8Array.of(0x61)]]));
	});

	test('of SentencePiece are spaces for its marks and single bytes', () => {
		const decoder = {
			type: 'Sequence',
			decoders: [{ type: 'Replace' }, { type: 'ByteFallback' }, { type: 'Fuse' }],
		};
		const found = tokenizerJsonBytes(
			{ decoder },
			new Map([
				['▁the▁', 0],
				['<0xE6>', 1],
			]),
		);
		expect(text([found?.get(0)])).toBe(' the ');
		expect(found?.get(1)).toEqual(Uint8Array.of(0xe6));
		expect(tokenizerJsonBytes({ decoder: { type: 'WordPiece' } }, new Map())).toBeUndefined();
	});
});
