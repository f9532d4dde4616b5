/**
 * @file Attention over 8-bit keys and values as whole numbers, beside the same cache unpacked to F32: for every number of heads
 * that share keys, with tokens that get no weight, on every build and number of threads.
 */
import { describe, expect, it } from 'vitest';
import { rowWords, type CachedTokens } from '#engines/decoding/cached-tokens.ts';
import { runLimits } from '#engines/decoding/limits.ts';
import { createRunner, kernelDecoder } from '#engines/kernel/decoder.ts';
import { loadModel } from '#engines/kernel/model.ts';
import { random } from '#base/random.ts';
import * as Model from '#kernel/assembly/layout/model.ts';
import { openNodeKernel, type KernelBuild } from '#kernel/node.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { testModel } from '../../bench/models.ts';
import { randomFloats } from '../../kernel/open.ts';

const specOf = (heads: number, keyValueHeads: number, headSize: number): ModelSpec => ({
	...testModel,
	...{ vocabularySize: 32, hiddenSize: 64, intermediateSize: 32, layers: 1, rope: [true] },
	...{ heads, keyValueHeads, headSize, contextLength: 700 },
});

/** A packed cache of random rows, of which a few keys are far longer, so that most tokens get no weight beside them. */
function packedCache(spec: ModelSpec, length: number, longer: number): CachedTokens {
	const { keyValueHeads: G, headSize } = spec;
	const words = rowWords('q8', headSize);
	const stream = random(7);
	const arrays = [longer, 1].map((factor) => {
		const array = new Float32Array(G * length * words);
		const bytes = new Int8Array(array.buffer);
		for (let row = 0; row < G * length; row++) {
			array[row * words] = 0.01 * (0.5 + stream.next()) * (row % 97 === 5 ? factor : 1);
			for (let i = 0; i < headSize; i++)
				bytes[4 * (row * words + 1) + i] = stream.integer(-127, 127);
		}
		return array;
	});
	return { arrays, slots: length, row: 0, from: 0, length, type: 'q8' };
}

function unpackedCache(spec: ModelSpec, cache: CachedTokens): CachedTokens {
	const words = rowWords('q8', spec.headSize);
	const { type: _, ...rest } = cache;
	const arrays = cache.arrays.map((packed) => {
		const bytes = new Int8Array(packed.buffer);
		return Float32Array.from({ length: (packed.length / words) * spec.headSize }, (_, at) => {
			const row = Math.floor(at / spec.headSize) * words;
			return (packed[row] ?? NaN) * (bytes[4 * (row + 1) + (at % spec.headSize)] ?? NaN);
		});
	});
	return { ...rest, arrays };
}

/** The row of the token itself is zeros, which both types hold exactly. */
const ownRow = [[/[kv]_proj/, 0]] as const;

/** What attention gives of a token after each cache. */
async function attended(
	spec: ModelSpec,
	caches: readonly CachedTokens[],
	threads: number,
	build: KernelBuild,
): Promise<readonly Float32Array[]> {
	const kernel = await openNodeKernel(threads, build);
	try {
		const model = await loadModel(kernel, spec, randomFloats(spec, ownRow));
		const runner = createRunner(kernel, spec, model);
		const outputs: Float32Array[] = [];
		for (const cache of caches) {
			const limits = runLimits(spec, 1);
			const decoder = kernelDecoder(kernel, spec, limits, runner, () => undefined, cache.type);
			const batch = decoder.batch();
			batch.arrange([], [cache]);
			await batch.step(Int32Array.of(3));
			const { buffer } = kernel.heap.memory;
			const at = new Uint32Array(buffer)[(model.at + Model.queries) / 4] ?? 0;
			outputs.push(new Float32Array(buffer, at, spec.heads * spec.headSize).slice());
			batch.close();
		}
		return outputs;
	} finally {
		await kernel.dispose();
	}
}

const norm = (numbers: ArrayLike<number>): number => Math.hypot(...Array.from(numbers));

describe.each([
	['one head', 2, 2, 64],
	['two heads', 4, 2, 32],
	['three heads', 9, 3, 64],
	['two and two', 4, 1, 16],
	['three and two', 5, 1, 128],
	['three of a size that is unpacked', 3, 1, 40],
] as const)('%s to a key', (_name, heads, groups, size) => {
	const spec = specOf(heads, groups, size);
	it.each([
		// Of one chunk, of three with a rest, and of tokens that are no multiple of four.
		[30, 1],
		[601, 1],
		[602, 300],
	])(
		'is the attention over the same rows in F32: %i tokens, some keys %i times as long',
		async (length, longer) => {
			const cache = packedCache(spec, length, longer);
			const caches = [cache, unpackedCache(spec, cache)];
			const [whole, exact] = await attended(spec, caches, 1, 'plain');
			if (!whole || !exact) throw new Error('nothing was attended');
			expect(norm(exact)).toBeGreaterThan(0);
			const gap = norm(exact.map((value, i) => value - (whole[i] ?? NaN))) / norm(exact);
			expect(gap).toBeLessThan(5e-4);
			for (const [threads, build] of [
				[1, 'relaxed'],
				[3, 'plain'],
			] as const)
				expect(await attended(spec, [cache], threads, build)).toEqual([whole]);
		},
	);
});
