/** @file Tokens per second of a batch of 32 of the test model: with a LoRA, without, and tfjs on wasm; in turns. */
import { expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { openWasmRuntime } from '#graph/runtime/browser.ts';
import { initialiseLora, initialiseModel } from '#training/initialise.ts';
import { openTfjs } from '#training/tfjs/tfjs-backend.ts';
import { median, report, testLora, testModel, time } from './models.ts';
import { tfjsWasm } from './tfjs-wasm.ts';
import { decodeWithTfjs } from './tfjs-decoding.ts';

it('a batch of 32, with a LoRA, without, and on tfjs', { timeout: 600_000 }, async () => {
	const spec = { ...testModel, endToken: -1 };
	const weights = initialiseModel(spec, 1, 0.1);
	const stream = random(3);
	const rows = Array.from({ length: 32 }, () =>
		Array.from({ length: 32 }, () => stream.integer(2, 1023)),
	);
	const runtime = await openWasmRuntime();
	const engine = createOnnxEngine({
		runtime,
		spec,
		weights,
		tokenizer: {
			vocabularySize: 1024,
			endToken: -1,
			padToken: 0,
			encode: (text) => Array.from(text, (c) => c.charCodeAt(0)),
			decode: (tokens) => String.fromCharCode(...tokens),
		},
	});
	const prompts = rows.map((row) => String.fromCharCode(...row));
	const maxTokens = 64;
	const lora = { parameters: testLora, tensors: initialiseLora(spec, testLora, 1) };
	let last: readonly (readonly number[])[] = [];
	const generate = async () => {
		last = (await engine.generate(prompts, { maxTokens })).map((g) => g.tokens);
	};
	const { tf } = await openTfjs(tfjsWasm);
	const times = { base: [] as number[], lora: [] as number[], tfjs: [] as number[] };
	await time(2, generate);
	await engine.setAdapter(lora);
	await time(2, generate);
	for (let round = 0; round < 5; round++) {
		await engine.setAdapter(null);
		times.base.push(...(await time(1, generate)));
		const began = performance.now();
		const tfjs = await decodeWithTfjs(tf, spec, weights, rows, maxTokens);
		times.tfjs.push(performance.now() - began);
		// The same work: the first tokens are the same ones (later, near-ties may part).
		expect(tfjs.map((row) => row.slice(0, 4))).toEqual(last.map((row) => row.slice(0, 4)));
		await engine.setAdapter(lora);
		times.lora.push(...(await time(1, generate)));
	}
	const rate = (ms: readonly number[]) => (32 * maxTokens * 1000) / median(ms);
	report('Generating, batch 32, 4.6M, Chromium', {
		workers: runtime.workers,
		base: rate(times.base),
		lora: rate(times.lora),
		tfjs: rate(times.tfjs),
		loraOverBase: rate(times.lora) / rate(times.base),
		loraOverTfjs: rate(times.lora) / rate(times.tfjs),
	});
	await engine.dispose();
	await runtime.dispose();
});
