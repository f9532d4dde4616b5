/**
 * @file Whole models on the kernel: against float64 with the same 8-bit rounding, against PyTorch within what 8 bits
 * cost, and to the bit the same however the work is cut.
 */
import { describe, expect, it } from 'vitest';
import type { Adapter } from '#model/adapter.ts';
import { loraTargets } from '#model/adapter.ts';
import { random } from '#base/random.ts';
import { loraShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { sizeOf } from '#model/tensor.ts';
import { testModel } from '../bench/models.ts';
import { familyNames, loadFamilyFixture } from '../fixtures/transformer/families.ts';
import { loadTransformerFixture, modelNames } from '../fixtures/transformer/load.ts';
import { builds } from './builds.ts';
import { heldWeights } from './held.ts';
import { logitsOf, openOnKernel, randomFloats, randomText } from './open.ts';
import { reference, type Row } from './reference.ts';

/**
 * Holds logits to those of float64: tokens whose numbers are all within the rounding of F32. Where a number lies almost
 * in the middle of two whole ones, F32 may round it to the other: that token and those after it are counted.
 */
function expectRight(got: readonly Float32Array[], right: readonly Row[]): number {
	expect(got).toHaveLength(right.length);
	const size = Math.sqrt(
		right.reduce((sum, row) => sum + row.reduce((s, v) => s + v * v, 0) / row.length, 0) /
			right.length,
	);
	let turned = 0;
	right.forEach((row, t) => {
		const worst = row.reduce((most, v, i) => Math.max(most, Math.abs(v - (got[t]?.[i] ?? NaN))), 0);
		if (!(worst <= 1e-5 * size)) turned++;
		// A few steps of 127 of single activations.
		expect(worst / size, `token ${t}`).toBeLessThan(0.1);
	});
	return turned;
}

const load = async (name: (typeof modelNames)[number] | (typeof familyNames)[number]) => {
	const trained = modelNames.find((one) => one === name);
	const family = familyNames.find((one) => one === name);
	if (family) return loadFamilyFixture(family);
	const f = await loadTransformerFixture(trained ?? 'llama-gqa');
	return { ...f, logits: { base: f.full.logits, lora: f.lora.logits } };
};

describe.each([...modelNames, ...familyNames].filter((name) => name !== 'qwen3-norm'))(
	'the family setting %s',
	(name) => {
		it.each(['base', 'lora'] as const)(
			'is that of float64 in 8 bits, and near PyTorch: %s',
			async (kind) => {
				const { spec, weights, adapter, batch, logits } = await load(name);
				const store = tensorStore(weights);
				const { kernel, decoder } = await openOnKernel(spec, store);
				const held = await heldWeights(store);
				const used = kind === 'lora' ? adapter : null;
				let [error, size, turned] = [0, 0, 0];
				for (let b = 0; b < batch.batch; b++) {
					const tokens = [...batch.tokens.subarray(b * batch.length, (b + 1) * batch.length)];
					const got = await logitsOf(decoder(used), tokens);
					turned += expectRight(got, reference(spec, held, tokens, used));
					got.forEach((row, t) => {
						row.forEach((value, v) => {
							const exact =
								logits[kind].data[(b * batch.length + t) * spec.vocabularySize + v] ?? NaN;
							error += (value - exact) ** 2;
							size += exact ** 2;
						});
					});
				}
				await kernel.dispose();
				expect(turned / (batch.batch * batch.length)).toBeLessThan(0.1);
				// Weights and activations of these models, in F32 at heart, lose 2 to 5 % in 8 bits.
				expect(Math.sqrt(error / size)).toBeLessThan(0.06);
			},
		);
	},
);

it('refuses heads that are no multiple of four numbers, with the remedy', async () => {
	const { spec, weights } = await loadTransformerFixture('qwen3-norm');
	expect(spec.headSize % 4).not.toBe(0);
	await expect(openOnKernel(spec, tensorStore(weights))).rejects.toMatchObject({
		code: 'bad-model',
		message: expect.stringMatching(/multiple of 4.*form f32/) as unknown,
	});
});

const small: ModelSpec = {
	...testModel,
	...{ vocabularySize: 61, hiddenSize: 52, intermediateSize: 76, layers: 2, rope: [true, false] },
	...{ heads: 6, keyValueHeads: 2, headSize: 12, contextLength: 200, tiedEmbeddings: false },
};

describe('numbers at their ends', () => {
	it.each([
		['gates far beyond ±80', small, [[/gate_proj/, 150]]],
		['scores of which only the largest counts', small, [[/[qk]_proj/, 12]]],
		['scores that are all alike', small, [[/[qk]_proj/, 1e-3]]],
		[
			'hidden states below epsilon',
			{ ...small, normEpsilon: 1e-2 },
			[[/embed|o_proj|down_proj/, 1e-3]],
		],
		['hidden states by the thousand', small, [[/embed_tokens/, 3000]]],
		['heads of 4 numbers', { ...small, headSize: 4 }, []],
		['heads of 64', { ...small, headSize: 64 }, []],
		['heads of 80, each with its own keys', { ...small, headSize: 80, keyValueHeads: 6 }, []],
		['biases and norms of heads', { ...small, attentionBias: true, queryKeyNorm: true }, []],
	] as const)('are those of float64: %s', async (_, sizes, factors) => {
		// Of one layer, so that what is rounded otherwise in one token is not seen by those after it.
		const spec = { ...sizes, layers: 1, rope: [true] };
		const store = randomFloats(spec, factors);
		const tokens = randomText(spec, 100);
		const { kernel, decoder } = await openOnKernel(spec, store);
		const got = await logitsOf(decoder(), tokens);
		await kernel.dispose();
		const right = reference(spec, await heldWeights(store), tokens);
		expect(expectRight(got, right)).toBeLessThan(10);
	});
});

describe('the logits of a text', () => {
	const draw = random(3);
	const parameters = { kind: 'lora', rank: 5, alpha: 10, targets: loraTargets } as const;
	const adapter: Adapter = {
		parameters,
		tensors: new Map(
			[...loraShapes(small, parameters)].map(([name, shape]) => [
				name,
				{ shape, data: Float32Array.from({ length: sizeOf(shape) }, () => 0.2 * draw.normal()) },
			]),
		),
	};
	const store = randomFloats(small);
	const tokens = randomText(small, 140);

	it.each([null, adapter])(
		'are the same to the bit for any cut, 1, 2 or 3 threads, and both builds; LoRA %#',
		{ timeout: 120_000 },
		async (used) => {
			let first: readonly Float32Array[] | undefined;
			for (const build of builds)
				for (const threads of [1, 2, 3]) {
					const { kernel, decoder } = await openOnKernel(small, store, { build, threads });
					for (const piece of [140, 1, 3, 4, 17, 64]) {
						const got = await logitsOf(decoder(used), tokens, piece);
						first ??= got;
						expect(got, `${build}, ${threads} threads, pieces of ${piece}`).toEqual(first);
					}
					await kernel.dispose();
				}
		},
	);

	// Of a few tokens, pairs of a token and its keys are for single threads while there are enough, and are cut if not.
	it.each([1, 2, 3] as const)(
		'are the same to the bit over a long cache, on 1 to 4 threads, with %i heads of keys',
		{ timeout: 120_000 },
		async (keyValueHeads) => {
			const spec = { ...small, keyValueHeads, contextLength: 400 };
			const long = randomText(spec, 300);
			let first: readonly Float32Array[] | undefined;
			for (const threads of [1, 2, 3, 4]) {
				const { kernel, decoder } = await openOnKernel(spec, randomFloats(spec), { threads });
				for (const piece of [300, 1, 2]) {
					const got = await logitsOf(decoder(), long, piece);
					first ??= got;
					expect(got, `${threads} threads, pieces of ${piece}`).toEqual(first);
				}
				await kernel.dispose();
			}
		},
	);
});
