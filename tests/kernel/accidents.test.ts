/** @file Accidents of the kernel: threads that die, memory that ends, answers that are stopped; and nothing leaks. */
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { startKernel, type Kernel, type RunningHelper } from '#kernel/kernel.ts';
import { openNodeKernel, startNodeHelper } from '#kernel/node.ts';
import { loraTargets, type Adapter } from '#model/adapter.ts';
import { loraShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { sizeOf } from '#model/tensor.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import { testModel } from '../bench/models.ts';
import { logitsOf, openOnKernel, randomFloats, randomText } from './open.ts';

const spec: ModelSpec = {
	...testModel,
	...{ vocabularySize: 64, hiddenSize: 64, intermediateSize: 96, layers: 2, rope: [true, true] },
	...{ heads: 4, keyValueHeads: 2, headSize: 16, contextLength: 256 },
};
const store = randomFloats(spec);
const tokenizer: TextTokenizer = {
	vocabularySize: 64,
	endToken: 1,
	padToken: 0,
	encode: (text) => [...text].map((c) => c.charCodeAt(0) - 64),
	decode: (tokens) => String.fromCharCode(...tokens.map((t) => t + 64)),
};
function lora(rank: number, seed = 0): Adapter {
	const parameters = { kind: 'lora', rank, alpha: rank, targets: loraTargets } as const;
	const tensors = new Map(
		[...loraShapes(spec, parameters)].map(([name, shape]) => [
			name,
			{
				shape,
				data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + seed) / 4),
			},
		]),
	);
	return { parameters, tensors };
}

const opened: Kernel[] = [];
afterEach(async () => {
	for (const kernel of opened.splice(0)) await kernel.dispose();
});
const kept = (kernel: Kernel): Kernel => {
	opened.push(kernel);
	return kernel;
};
async function open(limits = {}) {
	const model = await openOnKernel(spec, store, limits);
	kept(model.kernel);
	return model;
}
const tokens = randomText(spec, 200);

describe('a thread that dies', () => {
	const module = async () =>
		WebAssembly.compile(
			new Uint8Array(
				await readFile(new URL('../../src/kernel/wasm/plain-threads.wasm', import.meta.url)),
			),
		);
	const lost = {
		code: 'device-lost',
		message: expect.stringMatching(/open the model again/) as unknown,
	};

	it.each(['before a job', 'in a job'])(
		'%s ends the job within the patience, and every later one at once',
		async (when) => {
			const helpers: RunningHelper[] = [];
			const kernel = kept(
				await startKernel(
					await module(),
					3,
					true,
					async (helper) => {
						const running = await startNodeHelper(helper);
						helpers.push(running);
						return running;
					},
					{ patience: 400 },
				),
			);
			const engine = await openKernelEngine({ kernel, weights: store, spec, tokenizer });
			await engine.generate(['ABC'], { maxTokens: 3 });
			const stopped = helpers[1]?.stop();
			if (when === 'before a job') await stopped;
			// The thread may still get through some of these.
			const asked = engine.generate(['ABCDEFGH'], { maxTokens: 100 });
			await expect(asked).rejects.toMatchObject(lost);
			const start = performance.now();
			await expect(engine.generate(['ABC'], { maxTokens: 3 })).rejects.toMatchObject(lost);
			expect(performance.now() - start).toBeLessThan(300);
			await engine.dispose();
		},
	);

	it('while the others start leaves none behind', async () => {
		let [started, stopped] = [0, 0];
		const starting = startKernel(await module(), 4, true, async (helper) => {
			if (helper.thread === 2) throw new Error('no more threads');
			const running = await startNodeHelper(helper);
			started++;
			return {
				stop: async () => {
					await running.stop();
					stopped++;
				},
			};
		});
		await expect(starting).rejects.toMatchObject({ code: 'device-lost' });
		expect([started, stopped]).toEqual([2, 2]);
	});
});

describe('a closed kernel', () => {
	it('refuses jobs at once, in the middle of an answer too, and may be closed again', async () => {
		const kernel = await openNodeKernel(3, 'plain');
		const engine = await openKernelEngine({ kernel, weights: store, spec, tokenizer });
		const answer = engine.stream('ABC', { maxTokens: 50 });
		expect((await answer.next()).done).toBe(false);
		await engine.dispose();
		const rest = async () => {
			while (!(await answer.next()).done);
		};
		await expect(rest()).rejects.toMatchObject({ code: 'device-lost' });
		await engine.dispose();
	});
});

describe('memory that ends', () => {
	const outOfMemory = {
		code: 'out-of-memory',
		message: expect.stringMatching(/take a smaller model/) as unknown,
	};

	it('is told when the model does not fit, and the kernel is closed', async () => {
		const kernel = kept(await openNodeKernel(2, 'plain', { maximum: 17 }));
		const opening = openKernelEngine({
			kernel,
			weights: randomFloats({ ...spec, vocabularySize: 20_000 }),
			spec: { ...spec, vocabularySize: 20_000 },
			tokenizer,
		});
		await expect(opening).rejects.toMatchObject(outOfMemory);
		expect(() => {
			kernel.run(0);
		}).toThrow(expect.objectContaining({ code: 'device-lost' }));
	});

	it('leaves nothing half taken: prompts, batches and adapters; and what fits goes on', async () => {
		// A page of 32 tokens takes 32 KB: some 60 fit beside the model.
		const { kernel, decoder } = await open({ maximum: 60 });
		const { heap } = kernel;
		const plain = decoder();
		const right = await logitsOf(plain, tokens);
		const start = heap.held();
		const [cache] = await plain.prefill(null, [{ tokens, wantedFrom: 200 }], () => undefined);
		if (!cache) throw new Error('nothing is cached');
		const many = Array.from({ length: 100 }, () => ({ tokens: [1, 2], wantedFrom: 2 }));
		await expect(plain.prefill(cache, many, () => undefined)).rejects.toMatchObject(outOfMemory);
		expect(heap.held()).toBe(start);

		const batch = plain.batch();
		batch.arrange([], [cache, cache]);
		const two = heap.held();
		expect(() => {
			batch.arrange(
				[1],
				Array.from({ length: 100 }, () => cache),
			);
		}).toThrow(expect.objectContaining(outOfMemory));
		batch.close();
		expect(heap.held()).toBe(start);
		expect(two).toBeGreaterThan(start);

		const large = decoder(lora(1500));
		await expect(logitsOf(large, tokens)).rejects.toMatchObject(outOfMemory);
		expect(heap.held()).toBe(start);
		expect(await logitsOf(plain, tokens)).toEqual(right);
	});

	it('in a step leaves every row as it was before', async () => {
		const { kernel, decoder } = await open({ maximum: 60 });
		const plain = decoder();
		// 32 tokens are a page: the next token of each needs another.
		const beginning = tokens.slice(0, 32);
		const [cache] = await plain.prefill(
			null,
			[{ tokens: beginning, wantedFrom: 32 }],
			() => undefined,
		);
		if (!cache) throw new Error('nothing is cached');
		const rows = 20;
		const batch = plain.batch();
		batch.arrange(
			[],
			Array.from({ length: rows }, () => cache),
		);
		// Leaves room for a few pages.
		const pieces: number[] = [];
		const size = 16_384;
		try {
			for (;;) pieces.push(kernel.heap.allocate(size));
		} catch {
			for (const at of pieces.splice(-8)) kernel.heap.free(at, size);
		}
		const ids = Int32Array.from({ length: rows }, (_, i) => i);
		await expect(batch.step(ids)).rejects.toMatchObject(outOfMemory);
		expect(Array.from(ids, (_, i) => batch.cached(i).length)).toEqual(Array(rows).fill(32));
		for (const at of pieces) kernel.heap.free(at, size);
		const logits = (await batch.step(ids)).slice();
		const alone = await logitsOf(plain, [...beginning, 7]);
		expect(logits.subarray(7 * 64, 8 * 64)).toEqual(alone[32]);
		batch.close();
	});
});

describe('what is asked too much', () => {
	it('is refused before it is written anywhere: more tokens than the context', async () => {
		const { kernel, decoder } = await open();
		const held = kernel.heap.held();
		const long = randomText(spec, spec.contextLength + 1);
		await expect(logitsOf(decoder(), long)).rejects.toThrow(/256 tokens at most/);
		expect(kernel.heap.held()).toBe(held);
		expect(await logitsOf(decoder(), long.slice(0, -1))).toHaveLength(256);
	});

	it.each([-1, 64, NaN])('is refused, too: token %s, which the model does not have', async (id) => {
		const { kernel, decoder } = await open();
		const held = kernel.heap.held();
		await expect(logitsOf(decoder(), [1, id, 2])).rejects.toThrow(/has no token .* tokenizer/);
		expect(kernel.heap.held()).toBe(held);
	});
});

describe('memory', () => {
	it('is given back when a prompt is stopped in its middle', async () => {
		const { kernel, decoder } = await open();
		const held = kernel.heap.held();
		const controller = new AbortController();
		const reading = decoder().prefill(
			null,
			[{ tokens, wantedFrom: 0 }],
			() => {
				controller.abort();
			},
			controller.signal,
		);
		await expect(reading).rejects.toThrow(/abort/i);
		expect(kernel.heap.held()).toBe(held);
	});

	it('does not grow over 30 answers of any length, nor over 20 adapters', async () => {
		const kernel = await openNodeKernel(2, 'plain');
		const engine = await openKernelEngine({ kernel, weights: store, spec, tokenizer });
		const { heap } = kernel;
		const start = heap.held();
		const size = () => heap.memory.buffer.byteLength;
		let after = 0;
		for (let i = 0; i < 30; i++) {
			const prompt = 'ABCDEFGHIJKLMNOP'.repeat(1 + (i % 7));
			await engine.generate([prompt, prompt.slice(i % 5), 'XYZ'], {
				maxTokens: 5 + ((7 * i) % 60),
			});
			expect(heap.held()).toBe(start);
			if (i === 6) after = size();
			if (i > 6) expect(size()).toBe(after);
		}
		let held = 0;
		for (let i = 0; i < 20; i++) {
			await engine.setAdapter(lora(8, i));
			await engine.generate(['ABC'], { maxTokens: 4 });
			if (i === 2) [held, after] = [heap.held(), size()];
			if (i > 2) expect([heap.held(), size()]).toEqual([held, after]);
		}
		// Of other ranks, too, no more are held than two.
		for (let rank = 1; rank <= 8; rank++) {
			await engine.setAdapter(lora(rank));
			await engine.generate(['ABC'], { maxTokens: 4 });
			expect(heap.held()).toBeLessThanOrEqual(held);
			expect(size()).toBe(after);
		}
		await engine.dispose();
	});
});
