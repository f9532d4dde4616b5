/** @file Models from the files a person gives: folders, shards, checkpoints of llama2.c, and what is refused. */
import { describe, expect, it } from 'vitest';
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { ggufModel } from '#model/checkpoint/gguf/export.ts';
import { tokenizerEntriesOf } from '#model/checkpoint/gguf/tokenizer-entries.ts';
import { openLlama2c, readLlama2cTokenizer } from '#model/checkpoint/llama2c.ts';
import { openModelFiles } from '#model/checkpoint/open.ts';
import { writeSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import { bytesSource, partOf } from '#model/checkpoint/sources/memory.ts';
import { weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf } from '#model/tensor.ts';
import { joined } from '../../fixtures/gguf/ours.ts';
import { ggufFixture } from '../../fixtures/gguf/load.ts';
import { loadTransformerFixture, readFixtureFile } from '../../fixtures/transformer/load.ts';

const text = (name: string, content: string) =>
	bytesSource(name, new TextEncoder().encode(content));
const json = (name: string, value: unknown) => text(name, JSON.stringify(value));

const tokenizerJson = json('tokenizer.json', { added_tokens: [{ id: 7, content: '<stop>' }] });
const model = async (file: string) =>
	bytesSource(`llama-gqa/${file}`, await readFixtureFile('llama-gqa', file));

async function shards() {
	const { weights } = await loadTransformerFixture('llama-gqa');
	const parts = [new Map(), new Map()] as const;
	const map: Record<string, string> = {};
	let at = 0;
	for (const [name, tensor] of weights) {
		const part = at++ % 2 === 0 ? 0 : 1;
		parts[part].set(name, tensor);
		map[name] = `model-${part}.safetensors`;
	}
	return [
		...parts.map((part, i) => bytesSource(`model-${i}.safetensors`, writeSafetensors(part))),
		json('model.safetensors.index.json', { metadata: {}, weight_map: map }),
	];
}

describe('a folder', () => {
	it('gives spec, weights, template, special tokens, ends and licence', async () => {
		const { spec, weights } = await loadTransformerFixture('llama-gqa');
		const opened = await openModelFiles([
			await model('config.json'),
			await model('model.safetensors'),
			tokenizerJson,
			json('tokenizer_config.json', {
				bos_token: null,
				eos_token: { content: '<stop>' },
				pad_token: '<pad>',
				chat_template: [{ name: 'default', template: '{{ a }}' }],
			}),
			json('generation_config.json', { eos_token_id: [1, 9] }),
			text('README.md', '---\nlanguage: en\nlicense: apache-2.0\n---\n# A model\n'),
		]);
		expect(opened).toMatchObject({
			kind: 'safetensors',
			name: 'llama-gqa',
			spec,
			endTokens: [1, 9, 7],
			licence: 'apache-2.0',
			tokenizer: {
				kind: 'json',
				chatTemplate: '{{ a }}',
				specialTokens: { eos_token: '<stop>', pad_token: '<pad>' },
			},
		});
		expect(opened.weights.stored.size).toBe(weights.size);
		for (const [name, { data }] of weights)
			expect(await opened.weights.floats(name), name).toEqual(data);
	});

	it('gives the same weights from shards as from one file', async () => {
		const { weights } = await loadTransformerFixture('llama-gqa');
		const files = [await model('config.json'), tokenizerJson, ...(await shards())];
		const opened = await openModelFiles(files);
		for (const [name, { data }] of weights)
			expect(await opened.weights.floats(name), name).toEqual(data);
	});

	it('says what is missing', async () => {
		const config = await model('config.json');
		const weights = await model('model.safetensors');
		const [first, second, index] = await shards();
		const cases: readonly (readonly [readonly (ByteSource | undefined)[], RegExp])[] = [
			[[], /no file to open/],
			[[config, weights], /tokenizer.json is missing/],
			[[config, tokenizerJson], /add the weights/],
			[[weights, tokenizerJson], /config.json is missing/],
			[[config, tokenizerJson, first, index], /model-1.safetensors, which holds .* is missing/],
			[[config, tokenizerJson, first, second], /add model.safetensors.index.json/],
			[[config, tokenizerJson, first], /tensor ".*" \[.*\] is missing/],
			[[json('adapter_config.json', {}), weights], /This is a LoRA adapter/],
			[[text('pytorch_model.bin', 'x')], /PyTorch pickle/],
			[[await ggufFixture('llama-gqa.gguf'), text('b.gguf', '')], /2 GGUF files; choose one/],
			[[text('story.bin', 'x'.repeat(64))], /not a checkpoint of llama2.c/],
		];
		for (const [files, message] of cases)
			await expect(openModelFiles(files.filter((file) => file !== undefined))).rejects.toThrow(
				message,
			);
	});
});

describe('one file', () => {
	it('is known as GGUF by its first bytes, whatever it is called', async () => {
		const source = await ggufFixture('qwen3-norm.gguf');
		const renamed = partOf(source, 'download', 0);
		const opened = await openModelFiles([renamed]);
		expect(opened).toMatchObject({
			kind: 'gguf',
			name: 'download',
			licence: 'apache-2.0',
			bytes: source.size,
			endTokens: [1],
		});
	});

	it('with an adapter in it is refused by name', async () => {
		await expect(openModelFiles([await ggufFixture('ours/adapter.gguf')])).rejects.toThrow(
			'is of the kind "adapter", not a model',
		);
	});
});

describe('a checkpoint of llama2.c', () => {
	const spec = {
		layers: 2,
		hiddenSize: 8,
		intermediateSize: 12,
		heads: 2,
		keyValueHeads: 1,
		headSize: 4,
		vocabularySize: 260,
		contextLength: 16,
	};

	/** Every value is its own place in the file. */
	function checkpoint(tied: boolean): { readonly bytes: Uint8Array; readonly end: number } {
		const { hiddenSize: d, intermediateSize: f, vocabularySize: v, contextLength } = spec;
		const perLayer = 2 * d + 2 * d * d + 2 * 4 * d + 3 * d * f;
		const count = v * d + 2 * perLayer + d + contextLength * 4 + (tied ? 0 : v * d);
		const end = 28 + 4 * count;
		const numbers = [d, f, 2, 2, 1, tied ? v : -v, contextLength];
		const bytes = new Uint8Array(end);
		bytes.set(new Uint8Array(Int32Array.from(numbers).buffer));
		bytes.set(new Uint8Array(Float32Array.from({ length: count }, (_, i) => i).buffer), 28);
		return { bytes, end };
	}

	function tokenizer(): Uint8Array {
		const parts: number[] = [9, 0, 0, 0];
		for (let id = 0; id < spec.vocabularySize; id++) {
			const token = id < 3 ? [10, 60, 115, 62, 10] : id < 259 ? [id - 3] : [32, 97];
			parts.push(...new Uint8Array(Float32Array.of(-id).buffer), token.length, 0, 0, 0, ...token);
		}
		return Uint8Array.from(parts);
	}

	it.each([true, false])(
		'has its weights where run.c finds them (shared head: %s)',
		async (tied) => {
			const { bytes, end } = checkpoint(tied);
			const opened = await openLlama2c(bytesSource('story.bin', bytes));
			expect(opened.end).toBe(end);
			expect(opened.spec).toMatchObject({ ...spec, tiedEmbeddings: tied, rope: [true, true] });
			const { weights } = opened;
			expect([...weights.stored.keys()].toSorted()).toEqual(
				[...weightShapes(opened.spec).keys()].toSorted(),
			);
			// 260·8 embeddings, 2·8 norms, then layer 0's 8 query rows of 8: rows 0, 2, 1, 3 of each head.
			const q = await weights.floats('model.layers.0.self_attn.q_proj.weight');
			const start = 260 * 8 + 2 * 8;
			const firsts = Array.from({ length: 8 }, (_, row) => ((q[row * 8] ?? 0) - start) / 8);
			expect(firsts).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
			// Gate, down, up: w1, w2, w3.
			const gate = start + 2 * (64 + 32 + 32 + 64) + 2 * 8;
			expect((await weights.floats('model.layers.0.mlp.gate_proj.weight'))[0]).toBe(gate);
			expect((await weights.floats('model.layers.0.mlp.down_proj.weight'))[0]).toBe(gate + 2 * 96);
			expect((await weights.floats('model.layers.1.mlp.up_proj.weight'))[0]).toBe(gate + 5 * 96);
			expect((await weights.floats('model.norm.weight'))[0]).toBe(gate + 6 * 96);
			if (!tied)
				expect((await weights.floats('lm_head.weight'))[0]).toBe(gate + 6 * 96 + 8 + 16 * 4);
		},
	);

	it('brings its tokenizer behind its weights, in the words of GGUF', async () => {
		const { bytes, end } = checkpoint(true);
		const whole = new Uint8Array(end + tokenizer().length);
		whole.set(bytes);
		whole.set(tokenizer(), end);
		const opened = await openModelFiles([bytesSource('stories.data', whole)]);
		expect(opened).toMatchObject({ kind: 'llama2.c', endTokens: [1, 2] });
		if (opened.tokenizer.kind !== 'gguf') throw new Error('must be in the words of GGUF');
		const { metadata } = opened.tokenizer;
		const tokens: unknown = metadata.get('tokenizer.ggml.tokens');
		if (!Array.isArray(tokens)) throw new Error('must have tokens');
		expect(tokens.slice(0, 4)).toEqual(['<unk>', '<s>', '</s>', '<0x00>']);
		expect(tokens.slice(258)).toEqual(['<0xFF>', '▁a']);
		const beside = await openModelFiles([
			bytesSource('tokenizer.bin', tokenizer()),
			bytesSource('stories.bin', bytes),
		]);
		expect(beside.tokenizer).toEqual(opened.tokenizer);
	});

	it('can be written as GGUF and comes back the same', async () => {
		const { bytes } = checkpoint(true);
		const opened = await openModelFiles([
			bytesSource('stories.bin', bytes),
			bytesSource('tokenizer.bin', tokenizer()),
		]);
		const written = await joined(
			ggufModel(opened.spec, opened.weights, {
				form: 'F16',
				tokenizer: tokenizerEntriesOf(opened),
			}),
		);
		const again = await openModelFiles([bytesSource('stories.gguf', written)]);
		// The word of GGUF for the end is </s>, not the mark between stories.
		expect(again.spec).toEqual({ ...opened.spec, endToken: 2 });
		if (again.tokenizer.kind !== 'gguf' || opened.tokenizer.kind !== 'gguf')
			throw new Error('both must be in the words of GGUF');
		for (const [key, value] of opened.tokenizer.metadata)
			expect(again.tokenizer.metadata.get(key), key).toEqual(value);
		for (const name of opened.weights.stored.keys())
			expect(await again.weights.floats(name), name).toBeAllclose(
				await opened.weights.floats(name),
				{ relative: 2 ** -10 },
			);
	});

	it('is refused when cut off, without a tokenizer, newer, or with one of another model', async () => {
		const { bytes } = checkpoint(true);
		const refused = async (content: Uint8Array, message: string) => {
			await expect(openModelFiles([bytesSource('s.bin', content)])).rejects.toThrow(message);
		};
		await refused(bytes.subarray(0, 5000), 'it is cut off');
		await refused(bytes, 'tokenizer.bin is missing');
		const newer = bytes.slice();
		newer.set([0x32, 0x34, 0x6b, 0x61]);
		await refused(newer, 'newer checkpoint');
		await expect(
			readLlama2cTokenizer(bytesSource('tokenizer.bin', tokenizer()), 300),
		).rejects.toThrow('ends at token 260 of 300');
	});

	it('keeps to the sizes of its spec', async () => {
		const { bytes } = checkpoint(false);
		const { spec: found, weights } = await openLlama2c(bytesSource('story.bin', bytes));
		const shapes: ReadonlyMap<string, readonly number[]> = weightShapes(found satisfies ModelSpec);
		for (const [name, shape] of shapes)
			expect((await weights.raw(name)).length, name).toBe(4 * sizeOf(shape));
	});
});
