/** @file KV caches in 16 and in 8 bits: what is stored of a row, what it costs in exactness, and what goes on from it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kvTypes, readKvBudget, type KvType } from '#base/limits.ts';
import { rowWords, truncated, type CachedTokens } from '#engines/decoding/cached-tokens.ts';
import type { Decoder } from '#engines/decoding/decoder.ts';
import { runLimits } from '#engines/decoding/limits.ts';
import { createRunner, kernelDecoder } from '#engines/kernel/decoder.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { loadModel } from '#engines/kernel/model.ts';
import { compressed } from '#engines/kv-cache/compress.ts';
import { packedCache } from '#engines/kv-cache/pack.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { dequantize } from '#model/checkpoint/gguf/dequantize.ts';
import { quantize } from '#model/checkpoint/gguf/quantize.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { testModel } from '../../bench/models.ts';
import { randomFloats, randomText } from '../../kernel/open.ts';
import { randomModel } from '../../model/packing/random-blocks.ts';
import { spec as smallSpec, tokenizer } from '../stored-model.ts';

const spec: ModelSpec = {
	...testModel,
	...{ vocabularySize: 64, hiddenSize: 64, intermediateSize: 64, layers: 2, rope: [true, true] },
	...{ heads: 3, keyValueHeads: 1, headSize: 32, contextLength: 320 },
};
const length = 290;
const text = randomText(spec, length + 4);
const types = ['f16', 'q8'] as const;

const kernels: Kernel[] = [];
const open = async (threads: number): Promise<(type: KvType) => Decoder> => {
	const kernel = await openNodeKernel(threads);
	kernels.push(kernel);
	const model = await loadModel(kernel, spec, randomFloats(spec));
	const runner = createRunner(kernel, spec, model);
	return (type) => kernelDecoder(kernel, spec, runLimits(spec, 1), runner, () => undefined, type);
};
let alone: (type: KvType) => Decoder;
let shared: typeof alone;
beforeAll(async () => {
	[alone, shared] = [await open(1), await open(3)];
});
afterAll(async () => {
	for (const kernel of kernels) await kernel.dispose();
});

/** The cache of the text before its last four tokens, then the logits of these. */
async function told(decoder: Decoder, from: CachedTokens | null = null) {
	const read = text.slice(from?.length ?? 0, length);
	const rows = [{ tokens: read, wantedFrom: read.length }];
	const [cache] = await decoder.prefill(from, rows, () => undefined);
	if (!cache) throw new Error('nothing was read');
	return { cache, logits: await decoded(decoder, cache) };
}

async function decoded(decoder: Decoder, cache: CachedTokens): Promise<number[]> {
	const batch = decoder.batch();
	batch.arrange([], [cache]);
	const logits: number[] = [];
	for (const id of text.slice(length)) logits.push(...(await batch.step(Int32Array.of(id))));
	batch.close();
	return logits;
}

/** What rows of F32 become, by the conversions of model files. */
function packed(type: (typeof types)[number], rows: Float32Array): Float32Array {
	if (type === 'f16') return dequantize('F16', quantize('F16', rows));
	return rows.map((_, i) => {
		const row = rows.subarray(i - (i % spec.headSize), i - (i % spec.headSize) + spec.headSize);
		const most = Math.fround(row.reduce((a, b) => Math.max(a, Math.abs(b)), 0));
		const q = Math.fround((rows[i] ?? 0) * Math.fround(127 / most));
		return Math.fround(Math.fround(most / 127) * Math.round(q));
	});
}

/** The numbers of a packed array. */
function unpacked(type: (typeof types)[number], words: Float32Array): Float32Array {
	const { buffer } = words;
	if (type === 'f16') return dequantize('F16', new Uint8Array(buffer));
	const width = rowWords(type, spec.headSize);
	return Float32Array.from({ length: (words.length / width) * spec.headSize }, (_, i) => {
		const row = Math.floor(i / spec.headSize) * width;
		const q = new Int8Array(buffer, 4 * row + 4)[i % spec.headSize] ?? 0;
		return Math.fround((words[row] ?? 0) * q);
	});
}

const rootMeanSquare = (numbers: readonly number[]): number =>
	Math.sqrt(numbers.reduce((sum, v) => sum + v * v, 0) / numbers.length);

describe.each(types)('a cache in %s', (type) => {
	it('holds the keys and values of the first layer as model files would, and changes logits hardly', async () => {
		const exact = await told(alone('f32'));
		const { cache, logits } = await told(alone(type));
		expect(cache.type).toBe(type);
		// Later layers read what the first has made of its packed cache.
		for (const i of [0, 1]) {
			const [words, floats] = [cache.arrays[i], exact.cache.arrays[i]];
			if (!words || !floats) throw new Error('no such layer');
			expect(words.byteLength).toBe(4 * rowWords(type, spec.headSize) * length);
			const [given, right] = [unpacked(type, words), packed(type, floats)];
			// A quant whose number lies between two may go either way.
			const wrong = given.filter((value, at) => value !== right[at]).length;
			expect(wrong).toBeLessThanOrEqual(type === 'f16' ? 0 : 3);
		}
		const gaps = logits.map((value, i) => value - (exact.logits[i] ?? NaN));
		const gap = rootMeanSquare(gaps) / rootMeanSquare(exact.logits);
		expect(gap).toBeGreaterThan(0);
		// Most of it are 8-bit activations that round to the other side.
		expect(gap).toBeLessThan(type === 'f16' ? 0.06 : 0.15);
	});

	it('is made of one in F32 as the kernel makes it, and goes on from there', async () => {
		const { cache: exact } = await told(alone('f32'));
		const { cache: read, logits } = await told(alone(type));
		const made = packedCache(truncated(exact, length), type, spec);
		if (!made) throw new Error('not packed');
		for (const i of [0, 1]) {
			const [words, right] = [made.arrays[i], read.arrays[i]];
			if (!words || !right) throw new Error('no such layer');
			const numbers = unpacked(type, right);
			const wrong = unpacked(type, words).filter((value, at) => value !== numbers[at]).length;
			expect(wrong).toBeLessThanOrEqual(type === 'f16' ? 0 : 3);
		}
		const gaps = (await decoded(alone(type), made)).map((value, i) => value - (logits[i] ?? NaN));
		expect(rootMeanSquare(gaps) / rootMeanSquare(logits)).toBeLessThan(0.15);
		expect(packedCache(made, type, spec)).toBe(made);
		expect(packedCache(made, 'f32', spec)).toBeUndefined();
	});

	it('gives the same to the bit on threads, and on a known beginning', async () => {
		const whole = await told(alone(type));
		expect(await told(shared(type))).toEqual(whole);
		expect(await told(shared(type), truncated(whole.cache, 77))).toEqual(whole);
	});

	it('goes on from the kept tokens of its own type only', async () => {
		const tokens = text.slice(0, length);
		const row = { tokens, wantedFrom: length };
		const watched = await alone(type).prefillWatched?.(null, row, 8, () => undefined);
		if (!watched) throw new Error('the kernel tells no attention');
		const { cache, votes } = watched;
		const usual = { method: 'snapkv', window: 8, sinks: 0, kernel: 5, seed: 1 } as const;
		const keep = { ...usual, pool: 'average', group: 'mean' } as const;
		const all = compressed(cache, votes, { ...keep, budget: length }, spec);
		expect(await decoded(alone(type), all)).toEqual(await decoded(alone(type), cache));
		const some = compressed(cache, votes, { ...keep, budget: 40 }, spec);
		expect(some.arrays[0]?.length).toBe(40 * rowWords(type, spec.headSize));
		expect(await decoded(alone(type), some)).not.toEqual(await decoded(alone(type), cache));
		expect(() => {
			alone('f32').batch().arrange([], [some]);
		}).toThrow(/cannot go on in f32/);
	});
});

it('a type alone keeps all tokens, and never reaches scores nor an answer without it', async () => {
	expect(readKvBudget({ type: 'f16' })).toEqual({
		value: { budget: 1 << 20, window: 'auto', kernel: 13, type: 'f16' },
	});
	expect(readKvBudget({ budget: 512, type: 'f32' })).toEqual({
		value: { budget: 512, window: 'auto', kernel: 13 },
	});
	expect(readKvBudget({ type: 'f8' })).toEqual({
		error: `kv-type must be one of ${Object.keys(kvTypes).join(', ')}; got "f8".`,
	});
	const kernel = await openNodeKernel(1);
	const weights = randomModel(smallSpec, 'Q4_1').store;
	const engine = await openKernelEngine({ kernel, weights, spec: smallSpec, tokenizer });
	try {
		const prompt = 'CDEFGHIJKLMNOPQRS'.repeat(3);
		const pairs = [{ prompt, completion: 'CDEFG' }];
		const plain = { maxTokens: 12 };
		const cache = { budget: 1 << 20, window: 'auto', kernel: 13, type: 'q8' } as const;
		const before = [await engine.generate([prompt], plain), await engine.score(pairs)];
		const [packedAnswer] = await engine.generate([prompt], { ...plain, cache });
		expect(packedAnswer?.logprobs).not.toEqual(before[0]?.[0]);
		for await (const _ of engine.stream(prompt, { ...plain, cache }));
		expect([await engine.generate([prompt], plain), await engine.score(pairs)]).toEqual(before);
	} finally {
		await engine.dispose();
	}
});
