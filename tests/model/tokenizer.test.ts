/** @file Tokenizers give the ids that Python gives; the fast character tokenizer is the library's equal. */
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { end, pad } from '#environments/alphabet.ts';
import { alphabets } from '#seedlings/alphabets.ts';
import {
	characterTokenizer,
	characterTokenizerFiles,
	readCharacterTokenizer,
	UnknownCharacterError,
} from '#model/tokenizers/character-tokenizer.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { hfTokenizer } from '#model/tokenizers/hf-tokenizer.ts';
import { vocabulary } from '../fixtures/checkpoint/ours.ts';

interface Case {
	readonly text: string;
	readonly ids: readonly number[];
	readonly decoded: string;
}
const json = async (name: string): Promise<unknown> =>
	JSON.parse(await readFile(new URL(`../fixtures/checkpoint/${name}`, import.meta.url), 'utf8'));
const recorded = (await json('tokenizers.json')) as Record<'characters' | 'byteLevel', Case[]>;
const ourJson = (): unknown =>
	JSON.parse(characterTokenizerFiles(vocabulary).get('tokenizer.json') ?? '');
const marks = { padToken: 0, endToken: 1 };

describe('a character vocabulary', () => {
	const built = characterTokenizer(vocabulary);
	const read = readCharacterTokenizer(ourJson(), marks);
	const library = hfTokenizer(ourJson(), marks);

	it('numbers padding, end mark and characters in this order', () => {
		expect(built.encode('<pad><end>01')).toEqual([0, 1, 2, 3]);
		expect(built).toMatchObject({ vocabularySize: 32, padToken: 0, endToken: 1 });
	});

	it('gives the ids and texts that Python gives, built, read from its file, and through the library', () => {
		expect(read).toBeDefined();
		expect(recorded.characters.length).toBeGreaterThan(60);
		for (const tokenizer of [built, read ?? built, library]) {
			expect(tokenizer.vocabularySize).toBe(32);
			for (const { text, ids, decoded } of recorded.characters) {
				expect(tokenizer.encode(text), text).toEqual(ids);
				expect(tokenizer.decode(ids), text).toBe(decoded);
			}
		}
	});

	it.each([
		'addition',
		'addition-scratchpad',
		'reversal',
		'sorting',
		'order',
		'blocks',
		'translation',
		'persona',
		'edits',
	] as const)(
		'writes the files that stand beside the model for %s, to the last byte',
		async (name) => {
			const files = characterTokenizerFiles({ pad, end, characters: alphabets[name].slice(2) });
			expect([...files.keys()]).toEqual(['tokenizer.json', 'tokenizer_config.json']);
			for (const [file, text] of files) {
				const path = new URL(`../../public/models/${name}/${file}`, import.meta.url);
				expect(text).toBe(await readFile(path, 'utf8'));
			}
		},
	);

	it.each([
		vocabulary,
		// Special tokens made of characters, one the start of the other.
		{ pad: '<a', end: '<a>', characters: ['<', 'a', '>', '漢', '😀', ' '] },
	])('is the equal of the library on any text it can say ($pad, $end)', (words) => {
		const fast = characterTokenizer(words);
		const file: unknown = JSON.parse(characterTokenizerFiles(words).get('tokenizer.json') ?? '');
		const slow = hfTokenizer(file, marks);
		const text = fc
			.array(fc.constantFrom(...words.characters, words.pad, words.end), { maxLength: 40 })
			.map((parts) => parts.join(''));
		fc.assert(
			fc.property(text, fc.array(fc.nat(40), { maxLength: 20 }), (said, ids) => {
				expect(fast.encode(said)).toEqual(slow.encode(said));
				expect(fast.decode(fast.encode(said))).toBe(slow.decode(slow.encode(said)));
				expect(fast.decode(ids)).toBe(slow.decode(ids));
			}),
			{ numRuns: 1000 },
		);
	});

	it('names the first character it has no token for', () => {
		expect(() => built.encode('1+x=y')).toThrow(
			'The model has no token for "x" (in "1+x=y"); use only characters of its vocabulary.',
		);
		for (const text of ['\u{1f601}', '\ud83d', '<pad', 'e\u0301'])
			expect(() => built.encode(text), text).toThrow(UnknownCharacterError);
	});

	it('prefers the longer of two special tokens that start alike, as the library does', () => {
		const nested = { pad: '|', end: '||', characters: ['1', '2'] };
		const file: unknown = JSON.parse(characterTokenizerFiles(nested).get('tokenizer.json') ?? '');
		for (const text of ['1|2', '1||2', '|||', '||||1', '1'])
			expect(characterTokenizer(nested).encode(text)).toEqual(
				hfTokenizer(file, marks).encode(text),
			);
	});

	it('refuses a vocabulary that is not one', () => {
		for (const [wrong, message] of [
			[{ characters: ['a', 'a'] }, '"a" is in the vocabulary twice'],
			[{ characters: ['ab'] }, '"ab" is not one character'],
			[{ characters: [''] }, '"" is not one character'],
			[{ characters: ['\ud83d'] }, 'is not one character'],
			[{ characters: ['$'], end: '$' }, '"$" is in the vocabulary twice'],
			[{ pad: '<end>' }, 'two different texts'],
		] as const)
			expect(() => characterTokenizer({ ...vocabulary, ...wrong })).toThrow(message);
	});
});

describe('which files take the fast path', () => {
	const change = (
		edit: (file: { model: Record<string, unknown>; [key: string]: unknown }) => void,
	) => {
		const file = ourJson() as { model: Record<string, unknown>; [key: string]: unknown };
		edit(file);
		return readCharacterTokenizer(file, marks);
	};

	it('leaves every file that is more than a character vocabulary to the library', async () => {
		const added = { id: 40, content: 'x', lstrip: false, rstrip: false, single_word: false };
		expect(change(() => undefined)).toBeDefined();
		for (const edit of [
			(f) => (f.model['merges'] = [['1', '2']]),
			(f) => (f.model['type'] = 'WordPiece'),
			(f) => (f.model['unk_token'] = '<unk>'),
			(f) => (f.model['byte_fallback'] = true),
			(f) => (f.model['vocab'] = { ab: 2 }),
			(f) => (f.model['vocab'] = { a: 2, b: 2 }),
			(f) => (f['normalizer'] = { type: 'NFC' }),
			(f) => (f['pre_tokenizer'] = { type: 'ByteLevel' }),
			(f) => (f['decoder'] = null),
			(f) => (f['added_tokens'] = [{ ...added, special: false }]),
			(f) => (f['added_tokens'] = [{ ...added, special: true, lstrip: true }]),
		] satisfies Parameters<typeof change>[0][])
			expect(change(edit), edit.toString()).toBeUndefined();
		expect(readCharacterTokenizer(await json('byte-level/tokenizer.json'), marks)).toBeUndefined();
		expect(readCharacterTokenizer(null, marks)).toBeUndefined();
	});
});

describe('a byte-level vocabulary', () => {
	it('gives the ids and texts that Python gives', async () => {
		const tokenizer = hfTokenizer(await json('byte-level/tokenizer.json'), marks);
		expect(tokenizer.vocabularySize).toBe(300);
		for (const { text, ids, decoded } of recorded.byteLevel) {
			expect(tokenizer.encode(text), text).toEqual(ids);
			expect(tokenizer.decode(ids), text).toBe(decoded);
		}
	});

	it('refuses what is no tokenizer with one sentence', () => {
		for (const broken of [null, [], {}, { model: 1 }, { model: { type: 'BPE' } }])
			expect(() => hfTokenizer(broken, marks), JSON.stringify(broken)).toThrow(CheckpointError);
	});
});
