/**
 * @file SmolLM2-135M in a page's wasm, against wllama on the same file: one answer, sixteen, a prompt of 256 tokens, from
 * opening to the first token, and bytes of the tab. Loaded anew for every repeat, in turns.
 */
import { it } from 'vitest';
import { report, tabBytes } from './models.ts';
import { decoded, findSmolLM2, openOurs, perSecond, starts } from './ours.ts';
import { openWllama } from './wllama.ts';

/** About this many tokens of English, another text for every repeat, so that no cache knows it. */
const longPrompt = (repeat: number): string =>
	Array.from({ length: 40 }, (_, i) => `${starts[(i * 7 + repeat * 5) % 16] ?? ''}.`)
		.join(' ')
		.split(' ')
		.slice(0, 205)
		.join(' ');

type Times = Record<'decode' | 'batch' | 'prefill' | 'load' | 'bytes', number>;

async function ours(blob: Blob, threads: number, repeat: number): Promise<Partial<Times>> {
	const began = performance.now();
	const { engine, tokenizer, answer, dispose } = await openOurs(blob, threads);
	await answer('The', 1);
	const load = performance.now() - began;
	await answer('Hello', 8);
	const one = await answer(starts[repeat] ?? '', decoded);
	const long = longPrompt(repeat);
	const prompt = tokenizer.encode(long).length;
	const read = await answer(long, 1);
	const batchBegan = performance.now();
	const many = await engine.generate(starts, { maxTokens: decoded });
	const batchMs = performance.now() - batchBegan;
	const bytes = await tabBytes();
	console.log(engine.description, prompt, many[0]?.text);
	await dispose();
	return {
		load,
		decode: perSecond(one),
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
	const blob = await findSmolLM2();
	if (!blob) return;
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
