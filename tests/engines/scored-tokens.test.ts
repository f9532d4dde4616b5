/** @file Rows of tokens scored as they are: what `score` says of their text, and what greedy decoding would have said. */
import { afterAll, describe, expect, test } from 'vitest';
import type { PolicyEngine } from '#engines/engine.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { tensorStore } from '#model/tensor-store.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const fixture = await loadTransformerFixture('llama-gqa');
const spec = { ...fixture.spec, padToken: 0, endToken: 1 };
const encode = (text: string): number[] => [...text].map((c) => letters.indexOf(c));
const language = {
	spec,
	tokenizer: {
		...{ vocabularySize: spec.vocabularySize, padToken: 0, endToken: 1, encode },
		decode: (tokens: readonly number[]) => tokens.map((t) => letters[t] ?? '').join(''),
	},
};
const runtime = openNodeRuntime(1);
const engines: readonly (readonly [string, PolicyEngine])[] = [
	['ONNX', createOnnxEngine({ ...language, runtime, weights: fixture.weights })],
	[
		'kernel',
		await openKernelEngine({
			...language,
			kernel: await openNodeKernel(1),
			weights: tensorStore(fixture.weights),
		}),
	],
];
afterAll(async () => {
	for (const [, engine] of engines) await engine.dispose();
	await runtime.dispose();
});

describe.each(engines)('tokens scored on %s', (_, engine) => {
	const scored = (...rows: { tokens: number[]; from: number }[]) =>
		engine.scoreTokens?.(rows, { likeliest: 3 }) ?? Promise.reject(new Error('no scores'));

	test('have the log-probabilities of their text, alone and in company', async () => {
		const texts = ['cdefghij', 'klmnopqrstuvwxyzABCD', 'klmnopqrstuvwxyzABEF'];
		const rows = texts.map((text) => ({ tokens: encode(text), from: 4 }));
		const pairs = texts.map((text) => ({ prompt: text.slice(0, 4), completion: text.slice(4) }));
		const expected = await engine.score(pairs);
		const together = await scored(...rows);
		for (const [i, row] of rows.entries()) {
			expect(together[i]?.logprobs).toBeAllclose(expected[i] ?? []);
			const [alone] = await scored(row);
			expect(alone?.logprobs).toBeAllclose(expected[i] ?? []);
			expect(alone?.likeliest).toEqual(together[i]?.likeliest);
		}
	});

	test('name what greedy decoding says as the likeliest, and the others after it', async () => {
		const [answer] = await engine.generate(['cdefg'], { maxTokens: 8 });
		const said = [...(answer?.tokens ?? [])];
		const [scores] = await scored({ tokens: [...encode('cdefg'), ...said], from: 5 });
		expect(said.map((_, i) => scores?.likeliest[3 * i])).toEqual(said);
		const ranked = [...(scores?.likeliest.subarray(0, 3) ?? [])];
		const rows = ranked.map((token) => ({ tokens: [...encode('cdefg'), token], from: 5 }));
		const logprobs = (await scored(...rows)).map((row) => row.logprobs[0] ?? NaN);
		expect(logprobs).toEqual(logprobs.toSorted((a, b) => b - a));
		expect(new Set(ranked).size).toBe(3);
	});

	test('follow the adapter', async () => {
		const row = { tokens: encode('cdefghij'), from: 4 };
		const [base] = await scored(row);
		await engine.setAdapter(fixture.adapter);
		const [adapted] = await scored(row);
		await engine.setAdapter(null);
		expect(adapted?.logprobs).not.toEqual(base?.logprobs);
		expect((await scored(row))[0]).toEqual(base);
	});
});
