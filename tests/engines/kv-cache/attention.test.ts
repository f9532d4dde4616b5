/** @file Attention of the kernel over caches of many pages, for every number of heads that share keys, shared among threads. */
import { describe, expect, it } from 'vitest';
import type { ModelSpec } from '#model/model-spec.ts';
import { testModel } from '../../bench/models.ts';
import { heldWeights } from '../../kernel/held.ts';
import { logitsOf, openOnKernel, randomFloats, randomText } from '../../kernel/open.ts';
import { reference } from '../../kernel/reference.ts';

/** Longer than the caches of single tokens that threads share, and no whole number of pages. */
const length = 301;

/** Query heads, key-value heads, and the size of a head: a multiple of 16 or not. */
const cases = [
	[3, 3, 24],
	[4, 2, 16],
	[3, 1, 64],
	[4, 1, 20],
	[7, 1, 16],
] as const;

const rootMeanSquare = (numbers: readonly number[]): number =>
	Math.sqrt(numbers.reduce((sum, v) => sum + v * v, 0) / numbers.length);

describe.each(cases)('attention of %i heads on %i of size %i', (heads, keyValueHeads, headSize) => {
	const spec: ModelSpec = {
		...testModel,
		...{ vocabularySize: 32, hiddenSize: 32, intermediateSize: 32, layers: 1, rope: [true] },
		...{ heads, keyValueHeads, headSize, contextLength: 320 },
	};
	const text = randomText(spec, length + 3);
	const store = randomFloats(spec, [[/[qk]_proj/, 2]]);

	it('is that of float64, the same to the bit token by token and in one piece, on one thread and on three', async () => {
		const [alone, shared] = [
			await openOnKernel(spec, store, { threads: 1 }),
			await openOnKernel(spec, store, { threads: 3 }),
		];
		try {
			const whole = await logitsOf(alone.decoder(), text);
			const right = reference(spec, await heldWeights(store), text);
			const all = right.flatMap((row) => [...row]);
			const gaps = whole.flatMap((row, t) => [...row].map((v, i) => v - (right[t]?.[i] ?? NaN)));
			// 8-bit activations that round to the other side, as in every comparison with float64.
			expect(rootMeanSquare(gaps) / rootMeanSquare(all)).toBeLessThan(0.02);
			for (const { decoder } of [alone, shared]) {
				const [cache] = await decoder().prefill(
					null,
					[{ tokens: text.slice(0, length), wantedFrom: length }],
					() => undefined,
				);
				if (!cache) throw new Error('nothing was read');
				const batch = decoder().batch();
				batch.arrange([], [cache]);
				for (let t = length; t < text.length; t++)
					expect(await batch.step(Int32Array.of(text[t] ?? 0))).toEqual(whole[t]);
				batch.close();
			}
		} finally {
			await alone.kernel.dispose();
			await shared.kernel.dispose();
		}
	});
});
