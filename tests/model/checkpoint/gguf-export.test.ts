/** @file GGUF that we write: read again here, and by the reference package (recorded). */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { FolderTokenizer } from '#model/checkpoint/folder-tokenizer.ts';
import { readGgufSpec } from '#model/checkpoint/gguf/config.ts';
import { dequantize } from '#model/checkpoint/gguf/dequantize.ts';
import { ggufAdapter, ggufModel, tokenizerEntries } from '#model/checkpoint/gguf/export.ts';
import { readGgufHeader } from '#model/checkpoint/gguf/header.ts';
import { quantize } from '#model/checkpoint/gguf/quantize.ts';
import { entriesOfTokenizer } from '#model/checkpoint/gguf/tokenizer-entries.ts';
import { ggufWeights, ropeFactorTensor } from '#model/checkpoint/gguf/weights.ts';
import { writeGguf } from '#model/checkpoint/gguf/write.ts';
import { mergedFloats } from '#model/checkpoint/merge.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { fromBase64, ggufFixture, ggufJson, recordedForms } from '../../fixtures/gguf/load.ts';
import {
	blockAdapter,
	blockSpec,
	blockTokenizer,
	blockWeights,
	joined,
	ourGgufs,
} from '../../fixtures/gguf/ours.ts';
import { loadTransformerFixture } from '../../fixtures/transformer/load.ts';

interface InPython {
	readonly fields: Readonly<Record<string, { readonly value: unknown }>>;
	readonly tensors: Readonly<
		Record<string, { readonly shape: readonly number[]; readonly sha256: string }>
	>;
}

const store = tensorStore(blockWeights);

async function openAgain(bytes: Uint8Array) {
	const source = bytesSource('again.gguf', bytes);
	const header = await readGgufHeader(source);
	const rope = header.tensors.get(ropeFactorTensor);
	const factors = rope && dequantize(rope.form, bytes.subarray(rope.from, rope.to));
	const spec = readGgufSpec(header, source.name, factors);
	return { header, spec, weights: ggufWeights(source, header, spec) };
}

describe('quantising', () => {
	it.each(['Q8_0', 'F16', 'Q4_0'] as const)(
		'gives the blocks of the reference for %s',
		async (form) => {
			const { quantized } = await recordedForms();
			const values = new Float32Array(fromBase64(quantized.values).buffer as ArrayBuffer);
			expect(quantize(form, values)).toEqual(fromBase64(quantized[form]));
		},
	);
});

describe('files that Python has read', () => {
	it('are still written byte for byte', async () => {
		for (const [name, bytes] of await ourGgufs()) {
			const url = new URL(`../../fixtures/gguf/ours/${name}`, import.meta.url);
			expect(bytes, name).toEqual(new Uint8Array(await readFile(url)));
		}
	});

	it('hold for Python what they hold for us', async () => {
		const seen = (await ggufJson('ours-in-python.json')) as Readonly<Record<string, InPython>>;
		for (const [name, bytes] of await ourGgufs()) {
			const { metadata, tensors } = await readGgufHeader(bytesSource(name, bytes));
			const python = seen[name];
			expect(Object.keys(python?.fields ?? {}), name).toEqual([...metadata.keys()]);
			for (const [key, value] of metadata)
				expect(ArrayBuffer.isView(value) ? [...value] : value, key).toEqual(
					python?.fields[key]?.value,
				);
			expect(Object.keys(python?.tensors ?? {})).toEqual([...tensors.keys()]);
			for (const [key, { shape, form, from, to }] of tensors) {
				const values = dequantize(form, bytes.subarray(from, to));
				const digest = createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');
				expect(python?.tensors[key]).toMatchObject({ shape, sha256: digest });
			}
		}
	});
});

describe('a whole model', () => {
	it('comes back with its spec, its tokenizer, and weights as near as the form allows', async () => {
		for (const [form, step] of [
			['F16', 2 ** -10],
			['Q8_0', 1 / 64],
			['Q4_0', 1 / 4],
		] as const) {
			const bytes = await joined(ggufModel(blockSpec, store, { form, tokenizer: blockTokenizer }));
			const { header, spec, weights } = await openAgain(bytes);
			expect(spec).toEqual(blockSpec);
			expect(tokenizerEntries(header)).toEqual(blockTokenizer);
			for (const [name, { data }] of blockWeights)
				expect(await weights.floats(name), name).toBeAllclose(data, { absolute: step });
		}
	});

	it('holds the adapter where it is merged, and nothing where it is not', async () => {
		const bytes = await joined(
			ggufModel(blockSpec, store, {
				form: 'F16',
				tokenizer: blockTokenizer,
				adapter: blockAdapter,
			}),
		);
		const { weights } = await openAgain(bytes);
		const { tensors } = blockAdapter;
		const name = 'model.layers.0.self_attn.q_proj';
		const base = blockWeights.get(`${name}.weight`)?.data ?? new Float32Array();
		const a = tensors.get(`${name}.lora_A.weight`)?.data ?? [];
		const b = tensors.get(`${name}.lora_B.weight`)?.data ?? [];
		const expected = base.map((value, i) => {
			const [row, column] = [Math.floor(i / 32), i % 32];
			let sum = 0;
			for (let k = 0; k < 2; k++) sum += (b[row * 2 + k] ?? 0) * (a[k * 32 + column] ?? 0);
			return value + 2 * sum;
		});
		expect(await weights.floats(`${name}.weight`)).toBeAllclose(expected, { relative: 2 ** -10 });
		const other = 'model.layers.0.mlp.up_proj.weight';
		expect(await weights.floats(other)).toEqual(blockWeights.get(other)?.data);
	});

	it('copies what is stored so already, so that writing twice changes nothing', async () => {
		const options = { form: 'Q8_0', tokenizer: blockTokenizer } as const;
		const once = await joined(ggufModel(blockSpec, store, options));
		const { weights } = await openAgain(once);
		expect(await joined(ggufModel(blockSpec, weights, options))).toEqual(once);
	});

	it('refuses what GGUF cannot say', async () => {
		const { spec, weights } = await loadTransformerFixture('smollm3-nope');
		const options = { form: 'F16', tokenizer: new Map() } as const;
		expect(() => ggufModel(spec, tensorStore(weights), options)).toThrow('every fourth layer');
	});

	it('is merged without a change to the weights it was made of', async () => {
		const before = new Map([...blockWeights].map(([name, { data }]) => [name, data.slice()]));
		const options = { form: 'F16', tokenizer: blockTokenizer, adapter: blockAdapter } as const;
		await joined(ggufModel(blockSpec, store, options));
		for (const [name, { data }] of blockWeights) expect(data, name).toEqual(before.get(name));
	});

	it('refuses an adapter of another model', async () => {
		const { adapter } = await loadTransformerFixture('llama-gqa');
		await expect(
			mergedFloats(store, 'model.layers.0.self_attn.q_proj.weight', adapter),
		).rejects.toThrow('does not fit the model; use its own base.');
	});

	it('stops when it is told to', async () => {
		const options = { form: 'F16', tokenizer: blockTokenizer } as const;
		const signal = AbortSignal.abort();
		await expect(joined(ggufModel(blockSpec, store, { ...options, signal }))).rejects.toThrow();
	});
});

describe('an adapter', () => {
	it('is refused where all weights have changed', () => {
		const full = { parameters: { kind: 'full' }, tensors: blockWeights } as const;
		expect(() => ggufAdapter(blockSpec, full)).toThrow('export the whole model');
	});
});

describe('metadata', () => {
	it('comes back in every type', async () => {
		const source = await ggufFixture('metadata.gguf');
		const { metadata, types } = await readGgufHeader(source);
		const entries = new Map(
			[...metadata].map(([key, value]) => [key, { value, type: types.get(key) ?? 'u8' }]),
		);
		const bytes = await joined(writeGguf(entries, []));
		expect(bytes).toEqual(await source.read(0, source.size));
	});

	it('is made from a tokenizer.json', () => {
		const tokenizer: FolderTokenizer = {
			json: {
				model: { vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']] },
				added_tokens: [{ content: '<end>', id: 3, special: true }],
				pre_tokenizer: {
					type: 'Sequence',
					pretokenizers: [{ type: 'Digits', individual_digits: true }, { type: 'ByteLevel' }],
				},
			},
			chatTemplate: '{{ x }}',
			specialTokens: { eos_token: '<end>' },
			idOf: (text) => (text === '<end>' ? 3 : undefined),
		};
		const entries = entriesOfTokenizer(tokenizer, { ...blockSpec, vocabularySize: 5 });
		const values = Object.fromEntries([...entries].map(([key, { value }]) => [key, value]));
		expect(values).toEqual({
			'tokenizer.ggml.model': 'gpt2',
			'tokenizer.ggml.pre': 'smollm',
			'tokenizer.ggml.tokens': ['a', 'b', 'ab', '<end>', '[PAD4]'],
			'tokenizer.ggml.token_type': [1, 1, 1, 3, 5],
			'tokenizer.ggml.merges': ['a b'],
			'tokenizer.ggml.eos_token_id': 3,
			'tokenizer.ggml.padding_token_id': 0,
			'tokenizer.ggml.add_bos_token': false,
			'tokenizer.chat_template': '{{ x }}',
		});
	});
});
