/** @file The ONNX engine on recorded models: the loop, the steps and the full forward pass say the same. */
import { describe, expect, it } from 'vitest';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import { loadTransformerFixture, modelNames } from '../fixtures/transformer/load.ts';

const runtime = openNodeRuntime(1);
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** One letter per token. */
const tokenizerOf = (
	vocabularySize: number,
	endToken: number,
	padToken: number,
): TextTokenizer => ({
	vocabularySize,
	endToken,
	padToken,
	encode: (text) => [...text].map((c) => letters.indexOf(c)),
	decode: (tokens) => tokens.map((t) => letters[t] ?? '?').join(''),
});

async function open(name: (typeof modelNames)[number]) {
	const fixture = await loadTransformerFixture(name);
	const spec = { ...fixture.spec, padToken: 0, endToken: 1 };
	const tokenizer = tokenizerOf(spec.vocabularySize, 1, 0);
	const engine = createOnnxEngine({ runtime, spec, weights: fixture.weights, tokenizer });
	return { fixture, engine, tokenizer, spec };
}
const prompts = ['cdefg', 'hi', 'klmnopqrs', 'd', 'zyxw'];

describe.each(modelNames)('the ONNX engine speaking %s', (name) => {
	it('gives the same greedy answer alone and in a ragged batch, and its log-probabilities are those of a full forward pass', async () => {
		const { engine, fixture, tokenizer } = await open(name);
		for (const adapter of [null, fixture.adapter]) {
			await engine.setAdapter(adapter);
			const batch = await engine.generate(prompts, { maxTokens: 12 });
			for (const [i, prompt] of prompts.entries()) {
				const [alone] = await engine.generate([prompt], { maxTokens: 12 });
				expect(alone?.tokens).toEqual(batch[i]?.tokens);
				const pieces: number[] = [];
				for await (const piece of engine.stream(prompt, { maxTokens: 12 }))
					pieces.push(piece.token);
				expect(pieces).toEqual(batch[i]?.tokens);
				// With the end token, which is no part of the text.
				const completion = tokenizer.decode(batch[i]?.tokens ?? []);
				const [scores] = await engine.score([{ prompt, completion }]);
				expect(batch[i]?.logprobs).toBeAllclose(scores ?? [], { relative: 1e-4, absolute: 2e-5 });
			}
		}
		await engine.dispose();
	});

	it('samples the same for the same seed, whatever shares the batch', async () => {
		const { engine } = await open(name);
		const options = { maxTokens: 10, temperature: 1, seed: 7 };
		const first = await engine.generate(prompts, options);
		const again = await engine.generate(prompts, options);
		expect(again.map((g) => g.text)).toEqual(first.map((g) => g.text));
		const [alone] = await engine.generate(prompts.slice(0, 1), options);
		expect(alone?.text).toBe(first[0]?.text);
		const other = await engine.generate(prompts, { ...options, seed: 8 });
		expect(other.map((g) => g.text)).not.toEqual(first.map((g) => g.text));
		await engine.dispose();
	});
});

describe('the ONNX engine', () => {
	it('returns to the base model when the adapter is taken away, full or LoRA', async () => {
		const { engine, fixture } = await open('smollm3-nope');
		const ask = async () => (await engine.generate(prompts, { maxTokens: 12 })).map((g) => g.text);
		const base = await ask();
		await engine.setAdapter(fixture.adapter);
		const adapted = await ask();
		expect(adapted).not.toEqual(base);
		await engine.setAdapter(null);
		expect(await ask()).toEqual(base);
		const tensors = new Map(
			[...fixture.weights].map(([n, t]) => [n, { ...t, data: t.data.map((x) => -x) }]),
		);
		await engine.setAdapter({ parameters: { kind: 'full' }, tensors });
		expect(await ask()).not.toEqual(base);
		await engine.setAdapter(null);
		expect(await ask()).toEqual(base);
		await engine.dispose();
	});

	it('says why an answer ended', async () => {
		const { engine, fixture } = await open('smollm3-nope');
		const [long] = await engine.generate(['c'.repeat(fixture.spec.contextLength)], {
			maxTokens: 5,
		});
		expect(long?.stopReason).toBe('context');
		const aborted = AbortSignal.abort();
		const answers = await engine.generate(prompts, { maxTokens: 5, signal: aborted });
		expect(answers.every((a) => a.stopReason === 'aborted')).toBe(true);
		const lengths = await engine.generate(prompts, { maxTokens: 3 });
		for (const a of lengths) expect(a.stopReason).toBe(a.tokens.at(-1) === 1 ? 'stop' : 'length');
		await engine.dispose();
	});

	it('answers as far as the context reaches, in a batch, by steps and in a stream', async () => {
		const { engine, fixture } = await open('smollm3-nope');
		const { contextLength } = fixture.spec;
		const [short, long, full] = ['cd', 'c'.repeat(contextLength - 3), 'c'.repeat(contextLength)];
		const never = { stop: ['never said'] };
		for (const how of [{}, never, { ...never, temperature: 1 }]) {
			const asked = { maxTokens: 5, ...how };
			const answers = await engine.generate([short, long, full], asked);
			expect(answers[0]?.stopReason).not.toBe('context');
			expect(answers[2]).toEqual({ text: '', tokens: [], logprobs: [], stopReason: 'context' });
			const cut = answers[1];
			if (cut?.stopReason === 'stop') expect(cut.tokens.length).toBeLessThanOrEqual(3);
			else expect(cut).toMatchObject({ stopReason: 'context', tokens: { length: 3 } });
			const [, fits] = await engine.generate([short, long], { ...asked, maxTokens: 3 });
			expect(fits?.tokens).toEqual(cut?.tokens);
			expect(fits?.stopReason).toBe(cut?.stopReason === 'stop' ? 'stop' : 'length');
		}
		const pieces: number[] = [];
		const stream = engine.stream(long, { maxTokens: 1e6 });
		let end = await stream.next();
		for (; !end.done; end = await stream.next()) pieces.push(end.value.token);
		expect(end.value.tokens).toEqual(pieces);
		expect(pieces.length).toBeLessThanOrEqual(3);
		expect(end.value.stopReason).toBe(pieces.at(-1) === 1 ? 'stop' : 'context');
		await engine.dispose();
	});

	it('ends an answer at any of its end tokens, in a batch, by steps, in a stream and in a form', async () => {
		const { engine: plain, fixture, tokenizer, spec } = await open('smollm3-nope');
		const whole = await plain.generate(prompts, { maxTokens: 12 });
		const other = whole[0]?.tokens[4] ?? 0;
		const text = (tokens: readonly number[]) => tokenizer.decode(tokens);
		const cut = whole.map(({ tokens }) => {
			const at = tokens.findIndex((token) => token === 1 || token === other);
			return at < 0 ? tokens : tokens.slice(0, at + 1);
		});
		const engine = createOnnxEngine({
			runtime,
			spec,
			weights: fixture.weights,
			tokenizer,
			endTokens: [1, other],
		});
		for (const stop of [[], ['never said']]) {
			const answers = await engine.generate(prompts, { maxTokens: 12, stop });
			expect(answers.map(({ tokens }) => tokens)).toEqual(cut);
			expect(answers[0]).toMatchObject({
				stopReason: 'stop',
				text: text(cut[0]?.slice(0, -1) ?? []),
			});
		}
		let said = '';
		for await (const piece of engine.stream(prompts[0] ?? '', { maxTokens: 12 }))
			said += piece.text;
		expect(said).toBe(text(cut[0]?.slice(0, -1) ?? []));
		const form = { kind: 'expression', source: '[c-z]{3}' } as const;
		const [formed] = await engine.generate(prompts, { maxTokens: 12, form });
		expect(formed).toMatchObject({ stopReason: 'stop', tokens: { length: 4 } });
		expect(formed?.text).not.toContain(letters[other]);
		await Promise.all([plain.dispose(), engine.dispose()]);
	});

	it('stops a stream within one token of an abort', async () => {
		const { engine } = await open('llama-gqa');
		const controller = new AbortController();
		let pieces = 0;
		for await (const piece of engine.stream('cdef', {
			maxTokens: 40,
			temperature: 1,
			seed: 3,
			signal: controller.signal,
		})) {
			pieces += piece.token >= 0 ? 1 : 0;
			if (pieces === 2) controller.abort();
		}
		expect(pieces).toBe(2);
		await engine.dispose();
	});

	it('refuses an adapter that does not fit, naming the tensor', async () => {
		const { engine, fixture } = await open('smollm3-nope');
		const tensors = new Map(fixture.adapter.tensors);
		tensors.delete('model.layers.1.mlp.up_proj.lora_B.weight');
		expect(() => engine.setAdapter({ ...fixture.adapter, tensors })).toThrow(
			/model\.layers\.1\.mlp\.up_proj\.lora_B/,
		);
		await engine.dispose();
	});
});
