/**
 * @file What every decoder promises, whoever computes: how tokens are cut into prompts and steps, and who else is in the
 * batch, changes no logits.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { random } from '#base/random.ts';
import { truncated, type CachedTokens } from '#engines/decoding/cached-tokens.ts';
import type { Decoder, DecodingBatch } from '#engines/decoding/decoder.ts';

/** A decoder, and how far apart its logits may be when they are summed in another order. */
export interface DecoderCase {
	readonly decoder: Decoder;
	readonly tolerance: { readonly relative: number; readonly absolute: number };
}

/** Runs the contract; `open` makes a decoder of a model of at least 8 tokens. */
export function describeDecoder(name: string, open: () => Promise<DecoderCase>): void {
	describe(`${name}, as every decoder`, () => {
		let decoder: Decoder;
		let tolerance: DecoderCase['tolerance'];
		let V = 0;
		const stream = random(11);
		let texts: readonly (readonly number[])[] = [];
		beforeAll(async () => {
			({ decoder, tolerance } = await open());
			V = decoder.spec.vocabularySize;
			const longest = Math.min(40, decoder.spec.contextLength);
			texts = [longest, 9, 17, 26, 5].map((length) =>
				Array.from({ length }, () => stream.integer(0, V - 1)),
			);
		});
		const text = (place: number): readonly number[] => texts[place] ?? [];

		/** What is cached of the first tokens of a text, and the logits after each of them. */
		const read = async (
			tokens: readonly number[],
			prefix: CachedTokens | null = null,
			wantedFrom = 0,
		): Promise<{ cache: CachedTokens; logits: Float32Array[] }> => {
			const logits: Float32Array[] = [];
			const [cache] = await decoder.prefill(prefix, [{ tokens, wantedFrom }], (_row, at, given) => {
				logits[at] = given.slice();
			});
			if (!cache) throw new Error('nothing is cached');
			return { cache, logits };
		};
		const same = (given: ArrayLike<number> | undefined, wanted: Float32Array | undefined): void => {
			expect(wanted).toHaveLength(V);
			expect(given).toBeAllclose(wanted ?? [], tolerance);
		};
		/** Runs the tokens at `at` of some texts, and holds each row to what is right for it alone. */
		const step = async (
			batch: DecodingBatch,
			rows: readonly { readonly place: number; readonly at: number }[],
		): Promise<void> => {
			const ids = Int32Array.from(rows, ({ place, at }) => text(place)[at] ?? 0);
			const logits = (await batch.step(ids)).slice();
			expect(logits).toHaveLength(rows.length * V);
			for (const [b, { place, at }] of rows.entries()) {
				const alone = await read(text(place).slice(0, at + 1), null, at);
				same(logits.subarray(b * V, (b + 1) * V), alone.logits[at]);
			}
		};
		const started = async (place: number, length: number): Promise<CachedTokens> =>
			(await read(text(place).slice(0, length), null, length)).cache;

		test('reads a text in one piece, on top of its beginning, and token by token alike', async () => {
			const tokens = text(0);
			const whole = await read(tokens);
			expect(whole.logits).toHaveLength(tokens.length);
			expect(whole.cache.length).toBe(tokens.length);
			const begun = await started(0, 7);
			expect(begun.length).toBe(7);
			const rest = await read(tokens.slice(7), begun);
			rest.logits.forEach((logits, at) => {
				same(logits, whole.logits[7 + at]);
			});
			const batch = decoder.batch();
			batch.arrange([], [begun]);
			for (let at = 7; at < tokens.length; at++)
				same(await batch.step(Int32Array.of(tokens[at] ?? 0)), whole.logits[at]);
			batch.close();
		});

		test('tells of the wanted logits only, of rows of different lengths on one beginning', async () => {
			const begun = await started(0, 5);
			const rows = [
				{ tokens: text(0).slice(5), wantedFrom: text(0).length - 6 },
				{ tokens: text(1), wantedFrom: 3 },
				{ tokens: text(4), wantedFrom: text(4).length },
			];
			const heard: string[] = [];
			const given: Float32Array[] = [];
			const caches = await decoder.prefill(begun, rows, (row, at, logits) => {
				heard.push(`${row} ${at}`);
				given[row] = logits.slice();
			});
			const wanted = rows.flatMap(({ tokens, wantedFrom }, row) =>
				tokens.flatMap((_, at) => (at >= wantedFrom ? [`${row} ${at}`] : [])),
			);
			expect(heard.sort()).toEqual(wanted.sort());
			expect(caches.map(({ length }) => length)).toEqual(
				rows.map(({ tokens }) => 5 + tokens.length),
			);
			same(given[0], (await read(text(0))).logits.at(-1));
			same(given[1], (await read([...text(0).slice(0, 5), ...text(1)])).logits.at(-1));
		});

		test('gives each row its own logits, whoever joins and leaves', async () => {
			const batch = decoder.batch();
			batch.arrange([], [await started(0, 12), await started(1, 3), await started(2, 8)]);
			await step(batch, [
				{ place: 0, at: 12 },
				{ place: 1, at: 3 },
				{ place: 2, at: 8 },
			]);
			batch.arrange([0, 1, 2], []);
			await step(batch, [
				{ place: 0, at: 13 },
				{ place: 1, at: 4 },
				{ place: 2, at: 9 },
			]);
			// The longest leaves, two join: one of them longer than all.
			batch.arrange([1, 2], [await started(3, 22), await started(4, 1)]);
			await step(batch, [
				{ place: 1, at: 5 },
				{ place: 2, at: 10 },
				{ place: 3, at: 22 },
				{ place: 4, at: 1 },
			]);
			batch.arrange([0, 3], []);
			await step(batch, [
				{ place: 1, at: 6 },
				{ place: 4, at: 2 },
			]);
			// All leave, and another comes.
			batch.arrange([], [await started(2, 4)]);
			await step(batch, [{ place: 2, at: 4 }]);
			batch.close();
		});

		test('gives what is cached of a row that leaves, which stays right when the batch goes on', async () => {
			const batch = decoder.batch();
			batch.arrange([], [await started(0, 6), await started(1, 4)]);
			await step(batch, [
				{ place: 0, at: 6 },
				{ place: 1, at: 4 },
			]);
			const left = batch.cached(0);
			expect(left.length).toBe(7);
			batch.arrange([1], []);
			await step(batch, [{ place: 1, at: 5 }]);
			batch.close();
			const whole = await read(text(0));
			for (const length of [7, 5]) {
				const rest = await read(text(0).slice(length), truncated(left, length));
				same(rest.logits.at(-1), whole.logits.at(-1));
			}
		});

		test('adds nothing in a step that was stopped, and stops reading a prompt', async () => {
			const batch = decoder.batch();
			batch.arrange([], [await started(0, 6)]);
			const signal = AbortSignal.abort();
			await expect(batch.step(Int32Array.of(1), signal)).rejects.toThrow(/abort/i);
			expect(batch.cached(0).length).toBe(6);
			await step(batch, [{ place: 0, at: 6 }]);
			batch.close();
			const rows = [{ tokens: text(0), wantedFrom: 0 }];
			await expect(decoder.prefill(null, rows, () => undefined, signal)).rejects.toThrow(/abort/i);
		});

		test('keeps two batches apart', async () => {
			const [first, second] = [decoder.batch(), decoder.batch()];
			first.arrange([], [await started(0, 6)]);
			second.arrange([], [await started(1, 2), await started(0, 3)]);
			for (let i = 0; i < 3; i++) {
				await step(first, [{ place: 0, at: 6 + i }]);
				await step(second, [
					{ place: 1, at: 2 + i },
					{ place: 0, at: 3 + i },
				]);
			}
			first.close();
			await step(second, [
				{ place: 1, at: 5 },
				{ place: 0, at: 6 },
			]);
			second.close();
		});
	});
}
