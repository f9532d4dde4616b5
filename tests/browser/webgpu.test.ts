/** @file WebGPU in Chromium with the software adapter, on tiny shapes: it says and learns what wasm does. */
import * as tf from '@tensorflow/tfjs';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { afterAll, describe, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { openWasmRuntime, openWebGpuRuntime } from '#graph/runtime/browser.ts';
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import { characterTokenizer } from '#model/tokenizers/character-tokenizer.ts';
import { namedRuntime } from '#platform/backends/gpu-failure.ts';
import { LocalSession } from '#runs/local-session.ts';
import { openBrowserPlatform } from '#platform/open-browser.ts';
import type { StartOptions } from '#runs/session.ts';
import { openOnnxGradients } from '#training/onnx/onnx-gradients.ts';
import { loadTransformerFixture } from '../fixtures/transformer/load.ts';
import { like } from '../matchers.ts';

const quick: StartOptions = {
	method: 'easy-to-hard',
	environment: 'addition',
	seed: 5,
	rounds: 1,
	knobs: {
		agreement: false,
		problems: 8,
		views: 1,
		steps: 2,
		batch: 4,
		rank: 1,
		examined: 10,
		minKept: 1,
		replayProblems: 2,
	},
};
const prompts = ['cdefg', 'hi', 'k'];

describe('ONNX Runtime on WebGPU', () => {
	const open: GraphRuntime[] = [];
	afterAll(async () => {
		for (const runtime of open) await runtime.dispose();
	});
	const onBoth = async <T>(work: (runtime: GraphRuntime) => Promise<T>) => {
		if (open.length === 0) open.push(await openWasmRuntime(1), await openWebGpuRuntime());
		const results: T[] = [];
		for (const runtime of open) results.push(await work(runtime));
		const [onWasm, onGpu] = results;
		if (onWasm === undefined || onGpu === undefined) throw new Error('Two runtimes are needed.');
		return { onWasm, onGpu };
	};

	test('gives the same greedy answers, in a batch and as a stream, and the same scores', async () => {
		const fixture = await loadTransformerFixture('smollm3-mixed');
		const spec = { ...fixture.spec, padToken: 0, endToken: 1 };
		const tokenizer = characterTokenizer({
			pad: '_',
			end: '$',
			characters: [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'].slice(
				0,
				spec.vocabularySize - 2,
			),
		});
		const { onWasm, onGpu } = await onBoth(async (runtime) => {
			const engine = createOnnxEngine({ runtime, spec, weights: fixture.weights, tokenizer });
			await engine.setAdapter(fixture.adapter);
			const batch = await engine.generate(prompts, { maxTokens: 6 });
			const streamed: number[] = [];
			const logprobs: number[] = [];
			for await (const piece of engine.stream('cdefg', { maxTokens: 6 })) {
				streamed.push(piece.token);
				logprobs.push(piece.logprob);
			}
			const scores = await engine.score([{ prompt: 'cd', completion: 'efgh' }]);
			await engine.dispose();
			return { batch, streamed, logprobs, scores };
		});
		expect(onGpu.batch.map((g) => g.tokens)).toEqual(onWasm.batch.map((g) => g.tokens));
		expect(onGpu.streamed).toEqual(onGpu.batch[0]?.tokens);
		const numbers = (side: typeof onGpu) => [
			...side.batch.flatMap((g) => g.logprobs),
			...side.logprobs,
			...side.scores.flatMap((s) => [...s]),
		];
		expect(numbers(onGpu)).toBeAllclose(numbers(onWasm), { absolute: 1e-3 });
	});

	test('gives the gradients of the training graph that wasm gives', async () => {
		const { spec, weights, adapter, batch } = await loadTransformerFixture('smollm3-mixed');
		const { onWasm, onGpu } = await onBoth(async (runtime) => {
			const backend = await openOnnxGradients(runtime, spec, weights, adapter.parameters);
			const result = await backend.gradients(adapter.tensors, batch);
			await backend.dispose();
			return result;
		});
		expect(onGpu.loss).toBeCloseTo(onWasm.loss, 4);
		for (const [name, gradient] of onWasm.gradients)
			expect(onGpu.gradients.get(name), name).toBeAllclose(gradient, {
				relative: 1e-3,
				absolute: 1e-4,
			});
	});

	test('names the loss of the device when the GPU process dies, and works again in a new worker', async () => {
		const { spec, weights, adapter, batch } = await loadTransformerFixture('smollm3-nope');
		const model = [spec, weights, adapter.parameters] as const;
		const start = async () => {
			const runtime = namedRuntime(await openWebGpuRuntime());
			open.push(runtime);
			return openOnnxGradients(runtime, ...model);
		};
		const backend = await start();
		const { loss } = await backend.gradients(adapter.tensors, batch);
		const lost = { name: 'BackendError', code: 'device-lost' };
		// It may fail before the browser answers.
		const dying = expect(backend.gradients(adapter.tensors, batch)).rejects.toMatchObject(lost);
		await cdp().send('Browser.crashGpuProcess');
		await dying;
		await expect(backend.gradients(adapter.tensors, batch)).rejects.toMatchObject(lost);
		const again = await (await start()).gradients(adapter.tensors, batch);
		expect(again.loss).toBe(loss);
	});
});

test('a session on WebGPU learns with tfjs, and goes on with wasm when the device is lost', async () => {
	const base = new URL('/', location.href).href;
	// All before the update is left to wasm, which is quick.
	const before = new LocalSession(await openBrowserPlatform({ base, compute: 'wasm' }));
	const id = await before.start(quick);
	await before.pause();
	for (const phase of ['acquire', 'refine', 'update']) {
		expect((await before.runs())[0]).toMatchObject({ id, state: { phase } });
		if (phase === 'update') break;
		await before.resume(id, { singleStep: true });
		await before.pause();
	}
	await before.dispose();

	const session = new LocalSession(await openBrowserPlatform({ base, compute: 'webgpu' }));
	const heard: string[] = [];
	session.subscribe((event) => {
		if (event.type === 'opened') heard.push(`${event.trainer}. ${event.note ?? ''}`);
		else if (event.type === 'failed') heard.push(event.error.message);
		else if (event.type === 'committed') heard.push(event.step);
		else if (event.type === 'progress' && event.progress.kind === 'trained') {
			const { step, report } = event.progress;
			heard.push(`step ${step}, a finite loss: ${Number.isFinite(report.loss)}`);
			const backend = tf.backend();
			if (backend instanceof WebGPUBackend) backend.device.destroy();
		}
	});
	await session.resume(id, { singleStep: true });
	await expect.poll(() => heard.at(-1), { timeout: 100_000 }).toBe('updated');
	expect(heard).toEqual([
		like(/^tfjs, WebGPU \(google swiftshader\)/),
		'step 1, a finite loss: true',
		like(
			/^onnx, wasm, .*The GPU device was lost\. The run went on from its last finished step, on wasm\.$/,
		),
		'step 1, a finite loss: true',
		'step 2, a finite loss: true',
		'updated',
	]);
	expect((await session.runs()).find((run) => run.id === id)?.trainer).toMatch(/^onnx, wasm/);
	await session.delete(id);
	await session.dispose();
});

test('left to itself, a session trains on wasm where the only GPU is emulated, and says so', async () => {
	const { href } = new URL('/', location.href);
	const platform = await openBrowserPlatform({ base: href });
	const model = await platform.openModel('addition');
	const { engine, description, note } = model;
	expect(engine.description).toMatch(/^wasm, \d+ workers?$/);
	expect(description).toBe(`onnx, ${engine.description}`);
	expect(note).toBe(
		`This browser's only WebGPU device is emulated (google swiftshader): training on ${engine.description}.`,
	);
	await model.dispose();
	await platform.store.close();
});
