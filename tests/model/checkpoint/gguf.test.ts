/** @file GGUF: values to the bit as the reference package gives them, families as Hugging Face has them. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readGgufSpec } from '#model/checkpoint/gguf/config.ts';
import { dequantize } from '#model/checkpoint/gguf/dequantize.ts';
import { readGgufHeader } from '#model/checkpoint/gguf/header.ts';
import { readRopeFactors, ropeFactors } from '#model/checkpoint/gguf/rope-factors.ts';
import { ggufWeights } from '#model/checkpoint/gguf/weights.ts';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { weightForms } from '#model/weight-store.ts';
import { loadTransformerFixture } from '../../fixtures/transformer/load.ts';
import { fromBase64, ggufFixture, recordedForms } from '../../fixtures/gguf/load.ts';

describe('de-quantisation', () => {
	it.each(weightForms)('gives the values of the reference for %s, bit for bit', async (form) => {
		const { bytes, values } = (await recordedForms()).forms[form];
		const ours = dequantize(form, fromBase64(bytes));
		expect(new Uint8Array(ours.buffer)).toEqual(fromBase64(values));
	});
});

describe('metadata', () => {
	it('reads every type of value', async () => {
		const { metadata, types, tensors } = await readGgufHeader(await ggufFixture('metadata.gguf'));
		expect(Object.fromEntries(metadata)).toEqual({
			'general.architecture': 'none',
			'a.u8': 255,
			'a.i8': -128,
			'a.u16': 65535,
			'a.i16': -32768,
			'a.u32': 2 ** 32 - 1,
			'a.i32': -(2 ** 31),
			'a.f32': 1.5,
			'a.bool': true,
			'a.text': 'größe 漢字 😀',
			'a.u64': 2n ** 63n,
			'a.i64': -5,
			'a.f64': 0.1,
			'a.numbers': Int32Array.of(1, 2, 3),
			'a.texts': ['', '\ufeffx', 'b'],
			'a.truths': Uint8Array.of(1, 0),
		});
		expect(types.get('a.numbers')).toEqual({ listOf: 'i32' });
		expect(tensors.size).toBe(0);
	});
});

describe('families', () => {
	it.each(['llama-gqa', 'qwen2-bias', 'qwen3-norm', 'smollm3-mixed'] as const)(
		'reads %s as its folder of safetensors says',
		async (name) => {
			const { spec, weights } = await loadTransformerFixture(name);
			const source = await ggufFixture(`${name}.gguf`);
			const header = await readGgufHeader(source);
			const ours = readGgufSpec(header, source.name);
			// GGUF cannot say which layers of SmolLM3 rotate: every fourth does not.
			expect(ours).toEqual({ ...spec, rope: [true, true] });
			const store = ggufWeights(source, header, ours);
			expect(store.stored.size).toBe(weights.size);
			for (const [key, { shape, data }] of weights) {
				expect(store.stored.get(key)).toEqual({ shape, form: 'F32' });
				expect(await store.floats(key), key).toEqual(data);
				const raw = await store.raw(key);
				expect(new Float32Array(Uint8Array.from(raw).buffer), key).toEqual(data);
			}
		},
	);

	const fail = (problem: string): never => {
		throw new Error(problem);
	};

	it.each([
		[32, 1, 4, 500_000, 64],
		[8, 1, 4, 500_000, 128],
		[8, 1, 2, 10_000, 64],
	])(
		'finds Llama 3 scaling %d, %d, %d behind its factors',
		(factor, low, high, theta, headSize) => {
			const ropeScaling = {
				kind: 'llama3',
				factor,
				lowFrequencyFactor: low,
				highFrequencyFactor: high,
				originalContextLength: 8192,
			} as const;
			const rotary = { headSize, ropeTheta: theta, ropeScaling };
			const factors = ropeFactors(rotary);
			const found = readRopeFactors(factors, theta, headSize, fail);
			if (high === 4) expect(found).toEqual(ropeScaling);
			if (found)
				expect(ropeFactors({ ...rotary, ropeScaling: found })).toBeAllclose(factors, {
					relative: 1e-5,
				});
			factors[3] = 3;
			expect(() => readRopeFactors(factors, theta, headSize, fail)).toThrow('not a scaling');
		},
	);

	it('finds no scaling where all factors are 1', () => {
		expect(readRopeFactors(new Float32Array(32).fill(1), 10_000, 64, fail)).toBeUndefined();
	});

	it('gives no byte of a file but what is asked for', async () => {
		const whole = new Uint8Array(
			await readFile(new URL('../../fixtures/gguf/llama-gqa.gguf', import.meta.url)),
		);
		const reads: number[] = [];
		const inner = bytesSource('counted.gguf', whole);
		const source = {
			...inner,
			read: async (from: number, to: number) => {
				reads.push(to - from);
				return await inner.read(from, to);
			},
		};
		const header = await readGgufHeader(source);
		const spec = readGgufSpec(header, source.name);
		reads.length = 0;
		await ggufWeights(source, header, spec).raw('model.norm.weight');
		expect(reads).toEqual([spec.hiddenSize * 4]);
	});
});
