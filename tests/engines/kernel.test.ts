/** @file The kernel's engine: near F32 in every stored form, LoRAs come and go and never mix, and its refusals. */
import { afterEach, describe, expect, it } from 'vitest';
import type { PolicyEngine } from '#engines/engine.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { loraTargets } from '#model/adapter.ts';
import type { WeightForm, WeightStore } from '#model/weight-store.ts';
import { randomModel } from '../model/packing/random-blocks.ts';
import { lora, options, prompts, spec, tokenizer } from './stored-model.ts';

const adapters = [
	null,
	lora(4, ['q_proj', 'down_proj'], 5),
	lora(8, loraTargets, 6),
	lora(1, ['k_proj', 'v_proj', 'up_proj'], 7),
	null,
];

const engines: PolicyEngine[] = [];
afterEach(async () => {
	for (const engine of engines.splice(0)) await engine.dispose();
});
const kept = (engine: PolicyEngine): PolicyEngine => {
	engines.push(engine);
	return engine;
};
const open = async (weights: WeightStore): Promise<PolicyEngine> =>
	kept(await openKernelEngine({ kernel: await openNodeKernel(2), weights, spec, tokenizer }));
const onnx = openNodeRuntime(1);

// The others are held to float64 product by product: random blocks of theirs make models that turn on the last digit.
const tame = ['F32', 'F16', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1'] satisfies WeightForm[];

describe.each(tame)('a model stored in %s', (form) => {
	it('scores on the kernel as ONNX does in F32, with and without LoRAs, but for 8-bit activations', async () => {
		const { store, tensors } = randomModel(spec, form);
		const floats = kept(createOnnxEngine({ runtime: onnx, spec, weights: tensors, tokenizer }));
		const kernel = await open(store);
		const pairs = prompts.map((prompt) => ({ prompt, completion: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' }));
		for (const adapter of adapters) {
			await floats.setAdapter(adapter);
			await kernel.setAdapter(adapter);
			const wanted = (await floats.score(pairs)).flatMap((row) => [...row]);
			const given = (await kernel.score(pairs)).flatMap((row) => [...row]);
			const gaps = given.map((value, i) => Math.abs(value - (wanted[i] ?? NaN)));
			// Nats of single tokens.
			expect(Math.max(...gaps)).toBeLessThan(0.15);
			expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThan(0.05);
		}
	});
});

describe('LoRAs', () => {
	it('of streams side by side do not mix, three at a time too', async () => {
		const { store } = randomModel(spec, 'Q4_1');
		const engine = await open(store);
		const used = adapters.slice(0, 4);
		const drain = async (stream: ReturnType<PolicyEngine['stream']>): Promise<unknown> => {
			for (;;) {
				const { done, value } = await stream.next();
				if (done) return value;
			}
		};
		const alone: unknown[] = [];
		for (const adapter of used) {
			await engine.setAdapter(adapter);
			alone.push(await drain(engine.stream('CDEFG', options)));
		}
		const streams: ReturnType<PolicyEngine['stream']>[] = [];
		for (const adapter of used) {
			await engine.setAdapter(adapter);
			const stream = engine.stream('CDEFG', options);
			streams.push(stream);
			// Whose adapter it is, is asked when it begins.
			await stream.next();
		}
		for (let i = 0; i < 6; i++) for (const stream of streams) await stream.next();
		const together = await Promise.all(streams.map(drain));
		expect(together).toEqual(alone);
		expect(new Set(alone.map((one) => JSON.stringify(one))).size).toBe(4);
	});

	it('leave the base answers as they were, to the bit', async () => {
		const { store } = randomModel(spec, 'Q4_1');
		const engine = await open(store);
		const pairs = prompts.map((prompt) => ({ prompt, completion: 'ABCDEFGHIJ' }));
		const base = [await engine.generate(prompts, options), await engine.score(pairs)];
		for (const adapter of adapters) {
			await engine.setAdapter(adapter);
			const given = [await engine.generate(prompts, options), await engine.score(pairs)];
			if (adapter) expect(given[1]).not.toEqual(base[1]);
			else expect(given).toEqual(base);
		}
	});

	it('that change every weight are refused with the remedy, and what was there goes on', async () => {
		const { store, tensors } = randomModel(spec, 'Q4_1');
		const engine = await open(store);
		const base = await engine.generate(prompts, options);
		await engine.setAdapter({ parameters: { kind: 'full' }, tensors });
		await expect(engine.generate(prompts, options)).rejects.toThrow(/form f32/);
		await engine.setAdapter(null);
		expect(await engine.generate(prompts, options)).toEqual(base);
	});
});

describe('an engine on the kernel', () => {
	it('says what it holds', async () => {
		expect((await open(randomModel(spec, 'Q4_1').store)).description).toBe(
			'kernel, 2 threads, weights in blocks of 4 or 8 bits, as they are stored',
		);
		expect((await open(randomModel(spec, 'F16').store)).description).toBe(
			'kernel, 2 threads, weights in blocks of 4 or 8 bits',
		);
	});

	it('answers what follows in a conversation as if it were read anew', async () => {
		const { store } = randomModel(spec, 'Q4_1');
		const [engine, fresh] = [await open(store), await open(store)];
		let text = 'CDEFGHIJ';
		for (let turn = 0; turn < 3; turn++) {
			const stream = engine.stream(text, options);
			let said = '';
			for (let next = await stream.next(); !next.done; next = await stream.next())
				said += next.value.text;
			const [anew] = await fresh.generate([text], options);
			expect(said).toBe(anew?.text);
			text += `${said}KL`;
		}
	});

	it('stops loading when it is told, and needs every weight', async () => {
		const { store } = randomModel(spec, 'Q4_1');
		const opening = async (weights: WeightStore, signal?: AbortSignal) =>
			openKernelEngine({ kernel: await openNodeKernel(2), weights, spec, tokenizer }, signal);
		await expect(opening(store, AbortSignal.abort())).rejects.toThrow(/abort/i);
		const up = 'model.layers.1.mlp.up_proj.weight';
		const without = new Map([...store.stored].filter(([name]) => name !== up));
		await expect(opening({ ...store, stored: without })).rejects.toThrow(/layers\.1\.mlp\.up_proj/);
		const larger = new Map(store.stored).set(up, { shape: [1024, 256], form: 'Q4_1' });
		await expect(opening({ ...store, stored: larger })).rejects.toThrow(/of 512 × 256 numbers/);
	});
});
