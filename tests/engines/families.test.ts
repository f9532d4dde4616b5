/** @file Every family and setting against PyTorch: logits, LoRA gradients, greedy answers; the cache changes nothing. */
import { describe, expect, it } from 'vitest';
import { adaptiveSession } from '#engines/onnx/weights.ts';
import { assemble, extended, pastFeeds, type Past } from '#engines/onnx/key-value-cache.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { feedFloat, feedInt, floats, type Feeds } from '#graph/runtime/runtime.ts';
import { writeConfig } from '#model/checkpoint/export.ts';
import { stepGraph } from '#model/graphs/decoding-graph.ts';
import { angleFeeds } from '#model/graphs/feeds.ts';
import { cachedCausalMask, rotaryAngles } from '#model/graphs/masks.ts';
import { inverseFrequencies } from '#model/rope.ts';
import { readSpec } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { OpenGradients } from '#training/gradients.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { tfjsGradients } from '#training/tfjs/tfjs-gradients.ts';
import { familyNames, loadFamilyFixture } from '../fixtures/transformer/families.ts';
import { loadTransformerFixture, modelNames } from '../fixtures/transformer/load.ts';

const runtime = openNodeRuntime(1);
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const spell = (tokens: readonly number[]) => tokens.map((t) => letters[t] ?? '?').join('');
const tokenizer: TextTokenizer = {
	vocabularySize: 32,
	endToken: 1,
	padToken: 0,
	encode: (text) => [...text].map((c) => letters.indexOf(c)),
	decode: spell,
};

/** Feeds of `ids` [B, T] after `seen` tokens of which the first is a slot of padding that nobody sees. */
function stepFeeds(spec: ModelSpec, rows: readonly Int32Array[], past: Past): Feeds {
	const { slots: seen, capacity, padding } = past;
	const steps = rows[0]?.length ?? 0;
	const ids = Int32Array.from(rows.flatMap((row) => [...row]));
	const mask = cachedCausalMask(padding, seen, steps, capacity);
	const feeds = {
		...pastFeeds(spec, past),
		ids: feedInt(ids, [rows.length, steps]),
		mask: feedFloat(mask, [rows.length, 1, steps, capacity + steps]),
		rows: feedInt(
			Int32Array.from(rows, (_, b) => b * steps + steps - 1),
			[rows.length],
		),
	};
	if (!spec.rope.some(Boolean)) return feeds;
	const places = rows.flatMap(() => Array.from({ length: steps }, (_, i) => seen - 1 + i));
	const { cos, sin } = rotaryAngles(places, inverseFrequencies(spec));
	const shape = [rows.length, steps, 1, spec.headSize / 2];
	return { ...feeds, cos: feedFloat(cos, shape), sin: feedFloat(sin, shape) };
}

const emptyPast = (spec: ModelSpec, rows: number): Past =>
	assemble(spec, Array<null>(rows).fill(null), runtime.floats);

const isTrained = (name: string): name is (typeof modelNames)[number] =>
	modelNames.some((n) => n === name);
async function load(name: (typeof modelNames)[number] | (typeof familyNames)[number]) {
	if (!isTrained(name)) return loadFamilyFixture(name);
	const f = await loadTransformerFixture(name);
	return {
		...f,
		logits: { base: f.full.logits, lora: f.lora.logits },
		loss: f.lora.loss,
		gradients: f.lora.gradients,
	};
}

describe.each([...modelNames, ...familyNames])('the family setting %s', (name) => {
	it('gives the logits of PyTorch, all at once and token by token, with and without a LoRA', async () => {
		const { spec, weights, adapter, batch, logits } = await load(name);
		const V = spec.vocabularySize;
		const graph = adaptiveSession(runtime, weights, (p) => stepGraph(spec, p));
		const rows = Array.from({ length: batch.batch }, (_, b) =>
			batch.tokens.subarray(b * batch.length, (b + 1) * batch.length),
		);
		for (const kind of ['base', 'lora'] as const) {
			const session = await graph.use(kind === 'lora' ? adapter : null);
			let past = emptyPast(spec, rows.length);
			for (let t = 0; t < batch.length; t++) {
				const wanted = rows.flatMap((_, b) => {
					const at = (b * batch.length + t) * V;
					return [...logits[kind].data.subarray(at, at + V)];
				});
				const now = rows.map((row) => row.subarray(t, t + 1));
				const cached = await session.run(stepFeeds(spec, now, past));
				expect(floats(cached, 'logits'), `cached, token ${t}`).toBeAllclose(wanted, {
					relative: 0,
					absolute: 1e-4,
				});
				const start = rows.map((row) => row.subarray(0, t + 1));
				const whole = await session.run(stepFeeds(spec, start, emptyPast(spec, rows.length)));
				expect(floats(whole, 'logits'), `whole, token ${t}`).toBeAllclose(wanted, {
					relative: 0,
					absolute: 1e-4,
				});
				past = extended(spec, past, cached, 1, runtime.floats);
			}
		}
		await graph.release();
	});

	it('gives the LoRA gradients of PEFT within a thousandth, by ONNX and by tfjs', async () => {
		const f = await load(name);
		const backends: Readonly<Record<string, OpenGradients>> = {
			merged: (...model) => openOnnxGradients(runtime, ...model, { form: 'merged' }),
			factored: (...model) => openOnnxGradients(runtime, ...model, { form: 'factored' }),
			tfjs: tfjsGradients({ backend: 'cpu' }),
		};
		for (const [way, open] of Object.entries(backends)) {
			const backend = await open(f.spec, f.weights, f.adapter.parameters);
			const { loss, gradients } = await backend.gradients(f.adapter.tensors, f.batch);
			expect(loss / f.batch.normaliser, way).toBeCloseTo(f.loss, 4);
			expect(f.gradients.size).toBeGreaterThan(0);
			for (const [key, { data }] of f.gradients) {
				let [difference, size] = [0, 0];
				data.forEach((want, i) => {
					const got = (gradients.get(key)?.[i] ?? NaN) / f.batch.normaliser;
					difference += (got - want) ** 2;
					size += want ** 2;
				});
				expect(Math.sqrt(difference / size), `${way}: ${key}`).toBeLessThan(1e-3);
			}
			await backend.dispose();
		}
	});

	it('survives its own config.json', async () => {
		const { spec } = await load(name);
		expect(readSpec(JSON.parse(JSON.stringify(writeConfig(spec))))).toEqual(spec);
	});
});

describe.each(familyNames)('a greedy answer of %s', (name) => {
	it('is the one transformers gives, in a batch, in a stream, with and without a LoRA', async () => {
		const { spec, weights, adapter, answers } = await loadFamilyFixture(name);
		const engine = createOnnxEngine({ runtime, spec, weights, tokenizer });
		for (const kind of ['base', 'lora'] as const) {
			await engine.setAdapter(kind === 'lora' ? adapter : null);
			const prompts = answers[kind].map(({ prompt }) => spell(prompt));
			const given = await engine.generate(prompts, { maxTokens: 40 });
			expect(given.map((g) => g.tokens)).toEqual(answers[kind].map((a) => a.answer));
			const streamed: number[] = [];
			for await (const piece of engine.stream(prompts[0] ?? '', { maxTokens: 40 }))
				streamed.push(piece.token);
			expect(streamed).toEqual(answers[kind][0]?.answer);
		}
		await engine.dispose();
	});
});

describe('angles', () => {
	it('are fed for every position of a run, and not at all where no layer turns', async () => {
		const { spec } = await loadFamilyFixture('smollm2');
		expect(angleFeeds(spec, 5)['cos']?.shape).toEqual([5, 1, spec.headSize / 2]);
		expect(angleFeeds({ ...spec, rope: spec.rope.map(() => false) }, 5)).toEqual({});
	});
});
