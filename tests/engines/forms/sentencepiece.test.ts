/** @file Forms over SentencePiece vocabularies: of a GGUF file, of a tokenizer.json like Llama 2's, and of stories15M. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import type { AnswerForm } from '#engines/engine.ts';
import { hasForm, tokenForms } from '#engines/forms/token-form.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { hfTokenizer } from '#model/tokenizers/hf-tokenizer.ts';
import { openChatModel } from '#model/open-model.ts';
import { weightShapes } from '#model/spec.ts';
import type { Tensor } from '#model/tensor.ts';
import { vocabularyBytes } from '#model/tokenizers/token-bytes.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import { sentencePieceTokenizer } from '#model/tokenizers/sentencepiece.ts';
import { openFileSource } from '#storage/sources/node-file.ts';
import { corpus, smallSentencePiece } from '../../fixtures/tokenizers/load.ts';
import { speakTokens } from './speak.ts';

const { tokens: texts, scores, types: kinds } = smallSentencePiece;
const marks = { endToken: 2, padToken: 0 };

/** What Llama 2's own tokenizer.json states, with the pieces of the small vocabulary. */
function llamaJson(): unknown {
	const ids = new Map(texts.map((text, id) => [text, id]));
	// As Hugging Face derives them: every pair that joins to a piece, by the score of what it makes.
	const merges = texts
		.flatMap((text, id) =>
			kinds[id] !== 1
				? []
				: Array.from({ length: text.length - 1 }, (_, i) => [
						text.slice(0, i + 1),
						text.slice(i + 1),
					])
						.filter(([left = '', right = '']) => ids.has(left) && ids.has(right))
						.map((pair) => ({ pair, score: scores[id] ?? 0 })),
		)
		.sort((a, b) => b.score - a.score)
		.map(({ pair }) => pair);
	return {
		version: '1.0',
		added_tokens: texts.slice(0, 3).map((content, id) => ({ id, content, special: true })),
		normalizer: {
			type: 'Sequence',
			normalizers: [
				{ type: 'Prepend', prepend: '▁' },
				{ type: 'Replace', pattern: { String: ' ' }, content: '▁' },
			],
		},
		pre_tokenizer: null,
		post_processor: null,
		decoder: {
			type: 'Sequence',
			decoders: [
				{ type: 'Replace', pattern: { String: '▁' }, content: ' ' },
				{ type: 'ByteFallback' },
				{ type: 'Fuse' },
				{ type: 'Strip', content: ' ', start: 1, stop: 0 },
			],
		},
		model: {
			type: 'BPE',
			unk_token: '<unk>',
			fuse_unk: true,
			byte_fallback: true,
			vocab: Object.fromEntries(ids),
			merges,
		},
	};
}

const tokenizers: readonly (readonly [string, TextTokenizer])[] = [
	['of a GGUF file', sentencePieceTokenizer({ texts, scores, kinds, spacePrefix: true }, marks)],
	['of a tokenizer.json', hfTokenizer(llamaJson(), marks)],
];
const forms: readonly AnswerForm[] = [
	{ kind: 'expression', source: '(?:yes|no|é ü|日本[^a-z]{1,3}😀)\\n' },
	{ kind: 'expression', source: ' ?[A-Z][a-z ]{2,30}\\.' },
	{
		kind: 'json-schema',
		schema: {
			type: 'object',
			properties: {
				name: { type: 'string', maxLength: 12 },
				ages: { type: 'array', items: { type: 'integer' }, maxItems: 3 },
			},
			required: ['name', 'ages'],
			additionalProperties: false,
		},
	},
];

describe.each(tokenizers)('a SentencePiece vocabulary %s', (_, tokenizer) => {
	const bytes = vocabularyBytes(tokenizer);
	it('writes a text as the bytes of its tokens', () => {
		for (const text of corpus.filter((one) => one !== '' && !/<\/?s>|<unk>|▁/.test(one))) {
			const written = tokenizer.encode(text).flatMap((token) => Array.from(bytes[token] ?? []));
			expect(new TextDecoder().decode(Uint8Array.from(written))).toBe(
				new TextDecoder().decode(new TextEncoder().encode(` ${text}`)),
			);
		}
		expect(bytes.slice(0, 3)).toEqual([undefined, undefined, undefined]);
	});

	it.each(forms)('keeps an answer to %j, also where it is written in bytes', (form) => {
		const open = tokenForms(bytes, marks.endToken).open(form);
		for (let seed = 0; seed < 20; seed++) {
			const said = speakTokens(open, marks.endToken, random(seed));
			const text = tokenizer.decode(said);
			expect([text, hasForm(form, text)]).toEqual([text, true]);
		}
	});
});

const stories = `${process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights'}/package/dist/llama2.data`;
const hasStories = existsSync(stories);
const absent = '(skipped: not there; EVOLVARIUM_WEIGHTS names the folder of weights)';
describe.skipIf(!hasStories)(`stories15M ${hasStories ? '' : absent}`, () => {
	it('speaks in forms, and ends where it may', { timeout: 300_000 }, async () => {
		const file = await openFileSource(stories);
		const { spec, weights, tokenizer, endTokens } = await openChatModel([file]);
		const read = new Map<string, Tensor>();
		for (const [name, shape] of weightShapes(spec))
			read.set(name, { shape, data: await weights.floats(name) });
		const runtime = openNodeRuntime(1);
		const engine = createOnnxEngine({ runtime, spec, weights: read, tokenizer, endTokens });
		const prompts = ['Once upon a time', 'Lily said:'];
		for (const form of forms) {
			const answers = await engine.generate(prompts, { maxTokens: 60, temperature: 0.8, form });
			for (const { text, stopReason } of answers)
				if (stopReason === 'stop') expect([text, hasForm(form, text)]).toEqual([text, true]);
			expect(answers.some(({ stopReason }) => stopReason === 'stop')).toBe(true);
		}
		await engine.dispose();
		await runtime.dispose();
		await file.close();
	});
});
