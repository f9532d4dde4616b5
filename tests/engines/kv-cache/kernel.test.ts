/** @file Compressed KV caches on the kernel: votes and logits against float64, true positions, and where nothing changes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CachedTokens } from '#engines/decoding/cached-tokens.ts';
import { truncated } from '#engines/decoding/cached-tokens.ts';
import type { Decoder, WatchedRow } from '#engines/decoding/decoder.ts';
import { compressed } from '#engines/kv-cache/compress.ts';
import { keptTokens, type Selection } from '#engines/kv-cache/select.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { testModel } from '../../bench/models.ts';
import { heldWeights } from '../../kernel/held.ts';
import { openOnKernel, randomFloats, randomText, type OpenedModel } from '../../kernel/open.ts';
import { reference, type Row } from '../../kernel/reference.ts';

const spec = {
	...testModel,
	vocabularySize: 64,
	hiddenSize: 64,
	intermediateSize: 64,
	layers: 3,
	heads: 4,
	keyValueHeads: 2,
	headSize: 16,
	rope: [true, true, true],
	contextLength: 256,
};
const [length, steps] = [110, 16];
const text = randomText(spec, length + steps);
const prompt = text.slice(0, length);
const selection: Selection = {
	method: 'snapkv',
	budget: 30,
	window: 8,
	sinks: 0,
	kernel: 5,
	pool: 'average',
	group: 'mean',
	seed: 1,
};

let store: WeightStore;
let opened: OpenedModel;
let decoder: Decoder;
beforeAll(async () => {
	// Sharper queries: a head that looks everywhere alike would hide an error of positions.
	store = randomFloats(spec, [[/[qk]_proj/, 2]]);
	opened = await openOnKernel(spec, store);
	decoder = opened.decoder();
});
afterAll(() => opened.kernel.dispose());

/** Reads the prompt on top of a beginning, with the votes of its last tokens. */
async function watched(
	voters: number,
	begun: CachedTokens | null = null,
	by = decoder,
): Promise<WatchedRow & { readonly logits: Float32Array }> {
	const tokens = prompt.slice(begun?.length ?? 0);
	let logits = new Float32Array(0);
	const row = await by.prefillWatched?.(
		begun,
		{ tokens, wantedFrom: tokens.length - 1 },
		voters,
		(_row, _at, last) => {
			logits = last.slice();
		},
	);
	if (!row) throw new Error('the kernel tells no attention');
	return { ...row, logits };
}

/** Logits of the tokens after the prompt, decoded on a cache. */
async function decoded(cache: CachedTokens): Promise<readonly Float32Array[]> {
	const batch = decoder.batch();
	batch.arrange([], [cache]);
	const logits: Float32Array[] = [];
	for (const id of text.slice(length)) logits.push((await batch.step(Int32Array.of(id))).slice());
	expect(batch.cached(0).position ?? batch.cached(0).length).toBe(length + steps);
	batch.close();
	return logits;
}

/** Largest gap of some logits, against the size of them all. */
function gap(given: readonly Float32Array[], right: readonly Row[]): number {
	const numbers = right.flatMap((row) => [...row]);
	const size = Math.sqrt(numbers.reduce((sum, v) => sum + v * v, 0) / numbers.length);
	const gaps = given.flatMap((row, t) =>
		[...row].map((v, i) => Math.abs(v - (right[t]?.[i] ?? NaN))),
	);
	return Math.max(...gaps) / size;
}

describe('the votes of a prompt', () => {
	it('are the attention of its last tokens, as in float64', async () => {
		const { votes } = await watched(selection.window);
		const held = await heldWeights(store);
		const sums = votes.map(() => new Float64Array(spec.heads * length));
		reference(spec, held, prompt, null, undefined, {
			looked: (layer, head, position, shares) => {
				if (position < length - selection.window) return;
				shares.forEach((share, t) => {
					const at = head * length + t;
					const row = sums[layer];
					if (row) row[at] = (row[at] ?? 0) + share;
				});
			},
		});
		for (const [layer, { values }] of votes.entries()) {
			expect(values).toBeAllclose(Float32Array.from(sums[layer] ?? []), {
				relative: 0.05,
				absolute: 0.01,
			});
			for (let h = 0; h < spec.heads; h++) {
				const total = values.subarray(h * length, (h + 1) * length).reduce((a, b) => a + b, 0);
				expect(total).toBeCloseTo(selection.window, 4);
			}
		}
	});

	it('are the same to the bit on a known beginning, by any number of threads, and change nothing that is read', async () => {
		const whole = await watched(20);
		const begun = truncated(whole.cache, 37);
		expect(await watched(20, begun)).toEqual(whole);
		const alone = await openOnKernel(spec, store, { threads: 1 });
		expect(await watched(20, null, alone.decoder())).toEqual(whole);
		await alone.kernel.dispose();
		let logits = new Float32Array(0);
		const row = { tokens: prompt, wantedFrom: length - 1 };
		const [cache] = await decoder.prefill(null, [row], (_row, _at, last) => {
			logits = last.slice();
		});
		expect({ cache, logits }).toEqual({ cache: whole.cache, logits: whole.logits });
	});
});

describe('decoding on a compressed cache', () => {
	const methods = ['snapkv', 'streaming', 'h2o', 'random'] as const;
	it.each(methods)('is decoding on the whole with dropped tokens masked: %s', async (method) => {
		const options = { ...selection, method };
		const { cache, votes } = await watched(method === 'h2o' ? length : selection.window);
		const kept = votes.map((layer, i) => keptTokens(layer, options, i));
		const small = compressed(cache, votes, options, spec);
		expect(small.length).toBe(selection.budget);
		expect(small.position).toBe(length);
		const held = await heldWeights(store);
		const masked = reference(spec, held, text, null, undefined, {
			sees: (layer, group, to, from) =>
				to < length || from >= length || (kept[layer]?.[group]?.includes(from) ?? false),
		}).slice(length);
		const given = await decoded(small);
		// 8-bit activations that round to the other side, as in every comparison with float64.
		expect(gap(given, masked)).toBeLessThan(0.1);
		// The same tokens at the wrong position are far off.
		const { position: _, ...shifted } = small;
		const batch = decoder.batch();
		batch.arrange([], [shifted]);
		const wrong = (await batch.step(Int32Array.of(text[length] ?? 0))).slice();
		batch.close();
		expect(gap([wrong], masked.slice(0, 1))).toBeGreaterThan(0.2);
	});

	it('with every token kept is decoding on the whole, to the bit', async () => {
		const { cache, votes } = await watched(selection.window);
		const all = compressed(cache, votes, { ...selection, budget: length }, spec);
		expect(all.arrays).toEqual(cache.arrays);
		expect(await decoded(all)).toEqual(await decoded(cache));
	});

	it('ends where the context ends, by true positions', async () => {
		const tight = { ...spec, contextLength: length + 2 };
		const other = await openOnKernel(tight, store);
		const { cache, votes } = await watched(8, null, other.decoder());
		const batch = other.decoder().batch();
		batch.arrange([], [compressed(cache, votes, selection, tight)]);
		await batch.step(Int32Array.of(3));
		await batch.step(Int32Array.of(4));
		await expect(batch.step(Int32Array.of(5))).rejects.toThrow(/reads 112 tokens at most, not 113/);
		batch.close();
		await other.kernel.dispose();
	});
});

it('a compressed cache has no beginning that a prompt could share', async () => {
	const { cache, votes } = await watched(8);
	const small = compressed(cache, votes, selection, spec);
	expect(() => truncated(small, 20)).toThrow(/no beginning/);
	expect(truncated(small, 30)).toEqual(small);
});
