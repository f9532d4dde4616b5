/** @file Answers under a budget: the first token is the whole cache's, short prompts and scores stay, nothing shared is compressed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CacheBudget, Generation, PolicyEngine } from '#engines/engine.ts';
import { requestBody } from '#engines/endpoint/body.ts';
import { openKernelEngine } from '#engines/kernel/engine.ts';
import { fewestTokens, questionStart, selectionFor } from '#engines/kv-cache/budget.ts';
import { createOnnxEngine } from '#engines/onnx/onnx-engine.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { randomModel } from '../../model/packing/random-blocks.ts';
import { spec, tokenizer } from '../stored-model.ts';

const letters = (count: number, step: number): string =>
	Array.from({ length: count }, (_, i) => String.fromCharCode(67 + ((i * step) % 50))).join('');
const long = letters(90, 7);
const short = letters(20, 5);
const cache: CacheBudget = { budget: 0.25, window: 8, kernel: 5, fewest: 64 };
const options = { maxTokens: 12, cache };
const { store, tensors } = randomModel(spec, 'Q4_1');

const open = async (): Promise<PolicyEngine> =>
	openKernelEngine({ kernel: await openNodeKernel(1), weights: store, spec, tokenizer });
let engine: PolicyEngine;
let fresh: PolicyEngine;
beforeAll(async () => {
	[engine, fresh] = [await open(), await open()];
});
afterAll(async () => {
	await engine.dispose();
	await fresh.dispose();
});

/** The whole of a streamed answer. */
async function streamed(by: PolicyEngine, prompt: string, how = options): Promise<Generation> {
	const stream = by.stream(prompt, how);
	for (;;) {
		const next = await stream.next();
		if (next.done) return next.value;
	}
}

describe('an answer under a budget', () => {
	it('begins as without one, and goes on otherwise; below the shortest prompt it is the same to the bit', async () => {
		const prompts = [long, short];
		const [all, shortAll] = await engine.generate(prompts, { maxTokens: 12 });
		const [some, shortSome] = await engine.generate(prompts, options);
		expect([some?.tokens[0], some?.logprobs[0]]).toEqual([all?.tokens[0], all?.logprobs[0]]);
		expect(some?.logprobs).not.toEqual(all?.logprobs);
		expect(shortSome).toEqual(shortAll);
		const { fewest: _, ...usual } = cache;
		expect(await engine.generate(prompts, { maxTokens: 12, cache: usual })).toEqual([
			all,
			shortAll,
		]);
		const whole = { ...cache, budget: 90 };
		expect(await engine.generate(prompts, { maxTokens: 12, cache: whole })).toEqual([
			all,
			shortAll,
		]);
	});

	it('is the same alone, in a batch on a shared prefix, drawn twice, and streamed', async () => {
		const prompts = [`${long}CDE`, `${long}GHI`, `${long}CDE`, `${long}GHIJKL`];
		const together = await engine.generate(prompts, options);
		for (const [i, prompt] of prompts.entries()) {
			expect(await engine.generate([prompt], options)).toEqual([together[i]]);
			const { kept: _, ...said } = await streamed(engine, prompt);
			expect(said).toEqual(together[i]);
		}
	});

	it('tells which tokens of a streamed prompt are left in each layer and head, and nothing if all are', async () => {
		const { kept, promptTokens = [] } = await streamed(engine, long);
		const count = Math.ceil(0.25 * promptTokens.length);
		expect(kept).toHaveLength(spec.layers);
		const sets = (kept ?? []).flat();
		expect(sets).toHaveLength(spec.layers * spec.keyValueHeads);
		for (const set of sets) {
			const places = [...set];
			expect(new Set(places).size).toBe(count);
			expect(places).toEqual(places.toSorted((a, b) => a - b));
			// The window is always kept.
			expect(places.slice(-8)).toEqual([...promptTokens.keys()].slice(-8));
		}
		expect(new Set(sets.map((set) => set.join())).size).toBeGreaterThan(1);
		expect(await streamed(engine, short)).not.toHaveProperty('kept');
	});

	it('leaves what is read and scored afterwards as it is in a new engine', async () => {
		const first = await streamed(engine, long);
		const next = `${long}${first.text}KLMNOP`;
		// Again with a budget, then without: neither goes on from a compressed cache.
		const { kept: _, ...said } = await streamed(engine, next);
		expect(said).toEqual((await fresh.generate([next], options))[0]);
		const plain = { maxTokens: 12 };
		expect(await streamed(engine, next, plain as typeof options)).toEqual(
			(await fresh.generate([next], plain))[0],
		);
		const pairs = [{ prompt: long, completion: 'CDEFG' }];
		expect(await engine.score(pairs)).toEqual(await fresh.score(pairs));
	});
});

describe('an engine that keeps its whole cache', () => {
	it('refuses a budget with the remedy, whatever the length', async () => {
		const onnx = createOnnxEngine({
			runtime: openNodeRuntime(1),
			spec,
			weights: tensors,
			tokenizer,
		});
		await expect(onnx.generate([short], options)).rejects.toThrow(
			/only the kernel can keep a part/,
		);
		await expect(streamed(onnx, short)).rejects.toThrow(/leave out the budget/);
		await onnx.dispose();
		const question = { model: 'm', prompt: short, options, seed: 1, choices: 1 };
		const body = { ...question, stream: false, logprobs: false, expressions: 'refused' } as const;
		expect(() => requestBody(body)).toThrow(/A server keeps the whole KV cache/);
	});
});

describe('a budget', () => {
	it('is tokens or a share of the prompt, and nothing for prompts that it covers or that are short', () => {
		const usual = { budget: 0.25, window: 16, kernel: 13 };
		expect(selectionFor(usual, 4001, 0)?.budget).toBe(1001);
		expect(selectionFor({ ...usual, budget: 1200 }, 4001, 0)?.budget).toBe(1200);
		expect(selectionFor(usual, fewestTokens - 1, 0)).toBeUndefined();
		expect(selectionFor({ ...usual, budget: 1200 }, 1200, 0)).toBeUndefined();
	});

	it('finds the question as the last line of the last message of a user', () => {
		const text = '<user>A long text.\n\nWhat is it?<end>\n<assistant>';
		const messages = [{ role: 'user', content: 'A long text.\n\nWhat is it?\n' }] as const;
		expect(text.slice(questionStart(messages, text))).toBe('What is it?<end>\n<assistant>');
		expect(text.slice(questionStart(text, text))).toBe('<assistant>');
		expect(text.slice(questionStart(text, text, messages[0].content))).toBe(
			'What is it?<end>\n<assistant>',
		);
		expect('one\ntwo'.slice(questionStart('one\ntwo', 'one\ntwo'))).toBe('two');
		const auto = { budget: 100, window: 'auto', kernel: 13 } as const;
		expect([3, 20, 900].map((n) => selectionFor(auto, 2000, n)?.window)).toEqual([8, 20, 64]);
	});
});
