/**
 * @file The back end on our own kernel: LoRA on frozen weights that stay in the bits they are stored in, layer by layer, there
 * and back. Each row of a batch ends where its own tokens do, so that nothing is computed for padding.
 */
import { yieldToEventLoop } from '#base/yield-to-event-loop.ts';
import type { Kernel } from '#kernel/kernel.ts';
import type { Parameters } from '#model/adapter.ts';
import { layerPrefix } from '#model/graphs/block-graphs.ts';
import type { ModelSpec } from '#model/spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { weightedLengths } from '../data/pack.ts';
import type { GradientBackend, OpenGradients } from '../gradients.ts';
import { hiddenCache } from '../layered/hidden-cache.ts';
import { openKernelBlocks, runOf, type Trace } from './kernel-blocks.ts';
import {
	clearGradients,
	holding,
	loadLearningModel,
	readGradients,
	writeFactors,
} from './kernel-weights.ts';
import type { LayeredOptions } from '../layered/layered-gradients.ts';
import { shardsOf, type Shard } from '../onnx/shards.ts';
import type { TokenBatch } from '../trainer.ts';

/** As layer by layer on ONNX; activations are kept outside of the kernel's memory, by default while 768 MB hold them. */
export type KernelOptions = Omit<LayeredOptions, 'frozen'>;

const mostKeptBytes = 768 * 2 ** 20;

/** For `openGradientTrainer`; the base weights come from `weights`, so its `base` may be an empty map. */
export const kernelGradients =
	(kernel: Kernel, weights: WeightStore, options: KernelOptions = {}): OpenGradients =>
	(spec, _base, parameters) =>
		openKernelGradients(kernel, spec, weights, parameters, options);

/** Opens the back end; all frozen weights are read here. The kernel stays its owner's. */
export async function openKernelGradients(
	kernel: Kernel,
	spec: ModelSpec,
	weights: WeightStore,
	parameters: Parameters,
	options: KernelOptions = {},
): Promise<GradientBackend> {
	const { activations, topLayers = spec.layers, signal: stop } = options;
	const { tokensPerRun = 1024, headRows = 256, cacheBytes = 256 * 2 ** 20 } = options;
	if (parameters.kind !== 'lora')
		throw new RangeError(
			'On the kernel only a LoRA can be trained; choose one, or train the whole graph for all weights.',
		);
	if (!Number.isInteger(topLayers) || topLayers < 1 || topLayers > spec.layers)
		throw new RangeError(
			`The layers to train must be a whole number from 1 to ${spec.layers}, got ${topLayers}.`,
		);
	const first = spec.layers - topLayers;
	const { heap } = kernel;
	const held = holding(heap);
	const open = async () => {
		const model = await loadLearningModel(kernel, spec, weights, parameters, held, stop);
		return { model, blocks: openKernelBlocks(kernel, spec, model, headRows, held) };
	};
	const { model, blocks } = await open().catch((error: unknown) => {
		held.release();
		throw error;
	});
	const cache = hiddenCache(cacheBytes);
	const prefixes = Array.from({ length: first }, (_, layer) => layerPrefix(layer));
	const isLower = (name: string): boolean => prefixes.some((prefix) => name.startsWith(prefix));
	/** Used again in the next step, by layer. */
	const traces: Trace[] = [];

	/** Each job blocks this thread; between two of them messages are heard. */
	const turn = async (signal?: AbortSignal): Promise<void> => {
		await yieldToEventLoop();
		signal?.throwIfAborted();
	};
	const embed = async (rows: readonly Int32Array[], signal?: AbortSignal): Promise<void> => {
		const run = runOf(rows.map(({ length }) => length));
		const ids = new Int32Array(run.tokens);
		let at = 0;
		for (const row of rows) {
			ids.set(row, at);
			at += row.length;
		}
		await turn(signal);
		blocks.begin(run);
		blocks.embed(ids);
	};
	/** Hidden states after the layers that do not learn; as many rows together as a run may have. */
	const below = async (
		rows: readonly Int32Array[],
		signal?: AbortSignal,
	): Promise<readonly Float32Array[]> => {
		const states: Float32Array[] = [];
		for (let at = 0; at < rows.length;) {
			let end = at + 1;
			let tokens = rows[at]?.length ?? 0;
			for (; end < rows.length; end++) {
				tokens += rows[end]?.length ?? 0;
				if (tokens > tokensPerRun) break;
			}
			const some = rows.slice(at, end);
			await embed(some, signal);
			for (let layer = 0; layer < first; layer++) {
				await turn(signal);
				blocks.forward(layer);
			}
			const hidden = blocks.read();
			let from = 0;
			for (const { length } of some) {
				states.push(hidden.slice(from * spec.hiddenSize, (from + length) * spec.hiddenSize));
				from += length;
			}
			at = end;
		}
		return states;
	};
	/** Puts the hidden states that enter the first layer that learns. */
	const enter = async (rows: readonly Int32Array[], signal?: AbortSignal): Promise<void> => {
		if (first === 0) return embed(rows, signal);
		const states = await cache.rows(rows, (missing) => below(missing, signal));
		const run = runOf(rows.map(({ length }) => length));
		const hidden = new Float32Array(run.tokens * spec.hiddenSize);
		let at = 0;
		for (const state of states) {
			hidden.set(state, at);
			at += state.length;
		}
		blocks.begin(run);
		blocks.write(hidden);
	};
	const begin = (current: TensorMap, { tokens }: TokenBatch): void => {
		for (const id of tokens)
			if (id < 0 || id >= spec.vocabularySize)
				throw new RangeError(
					`Token ${id} is not among the model's ${spec.vocabularySize}; use the model's own tokenizer.`,
				);
		cache.follow(new Map([...current].filter(([name]) => isLower(name))));
		writeFactors(heap, model, parameters, current);
	};
	/** Calls with rows of the head that count, a few at a time. */
	const throughHead = async (
		rows: readonly HeadRow[],
		take: (some: readonly HeadRow[], logprobs: Float32Array) => void,
		weigh: boolean,
		signal?: AbortSignal,
	): Promise<void> => {
		for (let at = 0; at < rows.length; at += headRows) {
			const some = rows.slice(at, at + headRows);
			await turn(signal);
			const logprobs = blocks.head(
				some.map(({ row }) => row),
				Int32Array.from(some, ({ target }) => target),
				weigh ? Float32Array.from(some, ({ weight }) => weight) : undefined,
			);
			take(some, logprobs);
		}
	};

	return {
		description: `${kernel.description}, layer by layer`,
		async gradients(current, batch, signal) {
			signal?.throwIfAborted();
			begin(current, batch);
			clearGradients(heap, model);
			let loss = 0;
			const lengths = weightedLengths(batch);
			for (const shard of shardsOf(lengths, tokensPerRun)) {
				const { rows, targets } = inputsOf(batch, shard, lengths, batch.weights);
				await enter(rows, signal);
				const tokens = targets.length;
				const keep = activations
					? activations === 'kept'
					: 4 * tokens * blocks.keptNumbers * topLayers <= mostKeptBytes;
				for (let layer = first; layer < spec.layers; layer++) {
					await turn(signal);
					blocks.forward(layer);
					traces[layer] = blocks.trace(keep, traces[layer]);
				}
				blocks.clear();
				const counted = targets.filter(({ weight }) => weight !== 0);
				const add = (some: readonly HeadRow[], logprobs: Float32Array): void => {
					some.forEach(({ weight }, i) => (loss -= weight * (logprobs[i] ?? NaN)));
				};
				await throughHead(counted, add, true, signal);
				for (let layer = spec.layers - 1; layer >= first; layer--) {
					await turn(signal);
					blocks.backward(layer, traces[layer] ?? []);
				}
			}
			const made = readGradients(heap, model, parameters, first);
			const gradients = new Map<string, Float32Array>();
			for (const [name, { data }] of current)
				gradients.set(name, made.get(name) ?? new Float32Array(data.length));
			return { loss, gradients };
		},
		async logprobs(current, batch, signal) {
			signal?.throwIfAborted();
			begin(current, batch);
			const all = new Float32Array(batch.batch * (batch.length - 1));
			const lengths = Array<number>(batch.batch).fill(batch.length);
			for (const shard of shardsOf(lengths, tokensPerRun)) {
				const { rows, targets } = inputsOf(batch, shard, lengths);
				await enter(rows, signal);
				for (let layer = first; layer < spec.layers; layer++) {
					await turn(signal);
					blocks.forward(layer);
				}
				const put = (some: readonly HeadRow[], logprobs: Float32Array): void => {
					some.forEach(({ place }, i) => (all[place] = logprobs[i] ?? NaN));
				};
				await throughHead(targets, put, false, signal);
			}
			return all;
		},
		dispose() {
			cache.clear();
			traces.length = 0;
			blocks.release();
			held.release();
			return Promise.resolve();
		},
	};
}

/** A token to be predicted: from which row of the run, and its place among the batch's [B, T − 1]. */
interface HeadRow {
	readonly row: number;
	readonly place: number;
	readonly target: number;
	readonly weight: number;
}

/** A shard's rows without what follows their own length, and what they are asked. */
function inputsOf(
	batch: TokenBatch,
	shard: Shard,
	lengths: readonly number[],
	weights?: Float32Array,
): { readonly rows: readonly Int32Array[]; readonly targets: readonly HeadRow[] } {
	const targets: HeadRow[] = [];
	const rows = shard.rows.map((row) => {
		const steps = (lengths[row] ?? shard.length) - 1;
		const from = row * batch.length;
		for (let t = 0; t < steps; t++) {
			const place = row * (batch.length - 1) + t;
			const target = batch.tokens[from + t + 1] ?? 0;
			targets.push({ row: targets.length, place, target, weight: weights?.[place] ?? 0 });
		}
		return batch.tokens.subarray(from, from + steps);
	});
	return { rows, targets };
}
