/** @file Tokenizers that would never end: each is bounded, or refused by name. */
import { describe, expect, it } from 'vitest';
import { hfTokenizer } from '#model/tokenizers/hf-tokenizer.ts';
import { replace, split } from '../../../scripts/fuzz/endless.ts';

const marks = { endToken: 0, padToken: 0 };
const json = (over: object = {}, model: object = {}) => ({
	added_tokens: [],
	normalizer: null,
	pre_tokenizer: null,
	post_processor: null,
	decoder: { type: 'Fuse' },
	model: { type: 'BPE', vocab: { '!': 0, a: 1, b: 2, aa: 3 }, merges: [['a', 'a']], ...model },
	...over,
});
const open = (over: object, model?: object) => hfTokenizer(json(over, model), marks);
const trap = `${'a'.repeat(40)}b`;

describe('expressions of a tokenizer', () => {
	it('that JavaScript would try for ever end', () => {
		for (const source of ['(a+)+$', '(a|a)*$', '(a*)*c'])
			for (const pre of [split(source), { type: 'Sequence', pretokenizers: [split(source)] }])
				expect(open({ pre_tokenizer: pre }).decode(open({ pre_tokenizer: pre }).encode(trap))).toBe(
					trap,
				);
	});

	it('that JavaScript would try for ever end in a normalizer, also for added tokens', () => {
		const added_tokens = [{ id: 4, content: trap, special: false, normalized: true }];
		const normalizer = { type: 'Sequence', normalizers: [replace({ Regex: '^(a|a)*$' }, '!')] };
		const { encode } = open({ normalizer, added_tokens });
		expect(encode('aaa')).toEqual([0]);
		expect(encode(trap)).toEqual([4]);
	});

	it('in a decoder end', () => {
		const decoder = {
			type: 'Sequence',
			decoders: [replace({ Regex: '(a+)+$' }, 'a'), { type: 'Fuse' }],
		};
		expect(open({ decoder }).decode([1, 2])).toBe('ab');
	});

	it('that are quadratic are ended with their name', () => {
		const { encode } = open({ pre_tokenizer: split('(?=a*c)a|a') });
		expect(() => encode('a'.repeat(60_000))).toThrow(
			/^tokenizer.json: an expression takes more than/,
		);
	});

	it.each(['(a)\\1', 'x'.repeat(20_000)])('that cannot be bounded are refused: %.20s', (source) => {
		expect(() => open({ pre_tokenizer: split(source) })).toThrow(/tokenizer.json: the expression/);
	});
});

describe('growth', () => {
	it.each([
		['forty doublings', Array(40).fill(replace({ String: 'a' }, 'aa'))],
		['one long text', [replace({ Regex: '' }, 'a'.repeat(5000))]],
		['prefixes', Array(40).fill({ type: 'Prepend', prepend: 'ab' })],
	])('by %s is refused by name', (_what, normalizers) => {
		expect(() => open({ normalizer: { type: 'Sequence', normalizers } })).toThrow(
			'its normalizer can make a text more than 512 times as long',
		);
	});

	it('in a decoder is refused by name', () => {
		const decoders = Array(40).fill(replace({ String: 'a' }, 'aa'));
		expect(() => open({ decoder: { type: 'Sequence', decoders } })).toThrow('its decoder can make');
	});

	it('of published chains is allowed', () => {
		const normalizers = [
			{ type: 'NFKC' },
			{ type: 'Lowercase' },
			{ type: 'Prepend', prepend: '▁' },
			replace({ String: ' ' }, '▁'),
			replace({ Regex: ' {2,}' }, ' '),
		];
		const { encode } = open({
			normalizer: { type: 'Sequence', normalizers },
			pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true },
		});
		expect(encode('A')).toContain(1);
	});

	it('by post-processors that repeat the text does not happen', () => {
		const single = [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }];
		const processors = Array(40).fill({ type: 'TemplateProcessing', single, pair: [] });
		expect(open({ post_processor: { type: 'Sequence', processors } }).encode('b')).toEqual([2]);
	});
});

describe('numbers of a tokenizer', () => {
	it.each([1.5, -5, 2 ** 31, NaN, '7', null])('as the id %s are refused by name', (id) => {
		const added_tokens = [{ id, content: 'x', special: true }];
		expect(() => open({ added_tokens })).toThrow(/token "x" has the id/);
		expect(() => open({}, { vocab: { x: id } })).toThrow(/token "x" has the id/);
	});

	it('that would make a step or a word endless are refused by name', () => {
		expect(() => open({ pre_tokenizer: { type: 'FixedLength', length: 0 } })).toThrow(
			'FixedLength needs',
		);
		const wordPiece = { type: 'WordPiece', unk_token: 'a', max_input_chars_per_word: 1e9 };
		expect(() => open({}, wordPiece)).toThrow('max_input_chars_per_word may be 200');
	});

	it('of a Unigram whose lattice would be too large are refused by name', () => {
		const vocab = Array.from({ length: 100 }, (_, i) => ['a'.repeat(i + 1), -1]);
		expect(() => open({}, { type: 'Unigram', unk_id: 0, vocab })).toThrow('100 different lengths');
	});

	it('of steps in one another are refused by name', () => {
		let normalizer: object = { type: 'NFC' };
		for (let i = 0; i < 20_000; i++) normalizer = { type: 'Sequence', normalizers: [normalizer] };
		expect(() => open({ normalizer })).toThrow('normalizer has more than 256 steps, or 8 levels');
	});
});
