/**
 * @file The ONNX back end for models too large to train as one graph: one block's graph is run for every layer with that
 * layer's frozen weights as feeds, and the head a few rows at a time.
 *
 * The runtime's memory holds one layer, whatever the model's size; weights, LoRA and activations are plain arrays here.
 */
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { Parameters } from '#model/adapter.ts';
import { layerPrefix } from '#model/graphs/block-graphs.ts';
import type { ModelSpec } from '#model/spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { weightedLengths } from '../data/pack.ts';
import { frozenBlocks, type FrozenForm } from './frozen-weights.ts';
import type { GradientBackend, OpenGradients } from '../gradients.ts';
import { hiddenCache } from './hidden-cache.ts';
import { openBlocks, type Trace } from './layered-blocks.ts';
import { openHead } from './layered-head.ts';
import { shardsOf, shardTokens, shardWeights, type Shard } from '../onnx/shards.ts';
import type { WeightedBatch } from '../trainer.ts';

/** What to give up for less memory. */
export interface LayeredOptions {
	/** `recomputed` keeps one hidden state per layer and runs each block twice. Default `kept`. */
	readonly activations?: 'kept' | 'recomputed';
	/** Only the factors of the top k layers learn; the others' gradients are zero. Default: all. */
	readonly topLayers?: number;
	/** How the frozen matrices are held between uses. Default `F32`. */
	readonly frozen?: FrozenForm;
	/** Tokens that run together. Default 1024. */
	readonly tokensPerRun?: number;
	/** Rows of the head that run together: `rows · vocabulary · 4` bytes. Default 256. */
	readonly headRows?: number;
	/** Of the hidden states below the top layers. Default 256 MB. */
	readonly cacheBytes?: number;
	readonly signal?: AbortSignal;
}

/** For `openGradientTrainer`; the base weights come from `weights`, so its `base` may be an empty map. */
export const layeredGradients =
	(runtime: GraphRuntime, weights: WeightStore, options: LayeredOptions = {}): OpenGradients =>
	(spec, _base, parameters) =>
		openLayeredGradients(runtime, spec, weights, parameters, options);

/** Opens the back end; all frozen weights are read here unless they stay in the store. */
export async function openLayeredGradients(
	runtime: GraphRuntime,
	spec: ModelSpec,
	weights: WeightStore,
	parameters: Parameters,
	options: LayeredOptions = {},
): Promise<GradientBackend> {
	const { activations = 'kept', topLayers = spec.layers, frozen = 'F32', signal: stop } = options;
	const { tokensPerRun = 1024, headRows = 256, cacheBytes = 256 * 2 ** 20 } = options;
	if (parameters.kind !== 'lora')
		throw new RangeError(
			'Layer by layer only a LoRA can be trained; choose one, or train the whole graph for all weights.',
		);
	if (!Number.isInteger(topLayers) || topLayers < 1 || topLayers > spec.layers)
		throw new RangeError(
			`The layers to train must be a whole number from 1 to ${spec.layers}, got ${topLayers}.`,
		);
	const first = spec.layers - topLayers;
	const [below, above] = [
		{ from: 0, to: first },
		{ from: first, to: spec.layers },
	];
	const head = await openHead(runtime, spec, weights, headRows, stop);
	const blocks = openBlocks(
		runtime,
		spec,
		parameters,
		await frozenBlocks(spec, weights, frozen, stop),
		{ keep: activations === 'kept' },
	);
	const cache = hiddenCache(cacheBytes);
	const prefixes = Array.from({ length: first }, (_, layer) => layerPrefix(layer));
	const isLower = (name: string): boolean => prefixes.some((prefix) => name.startsWith(prefix));

	/**
	 * Hidden states [R · (length − 1), D] that enter the first layer that learns. Below it each row ends where its
	 * own tokens do: what follows has no weight and is seen by no earlier token.
	 */
	const enter = async (
		current: TensorMap,
		ids: Int32Array,
		{ rows, length }: Shard,
		lengths: readonly number[],
		signal?: AbortSignal,
	): Promise<Float32Array> => {
		if (first === 0) return head.embed(ids);
		const steps = length - 1;
		const hidden = new Float32Array(ids.length * spec.hiddenSize);
		const tokens = rows.map((row, i) => {
			const own = Math.min(length, lengths[row] ?? length) - 1;
			return ids.subarray(i * steps, i * steps + own);
		});
		const states = await cache.rows(tokens, (missing) =>
			blocks.forward(
				missing.map((row) => head.embed(row)),
				missing.map((row) => blocks.passage(1, row.length)),
				below,
				current,
				null,
				signal,
			),
		);
		states.forEach((state, i) => {
			hidden.set(state, i * steps * spec.hiddenSize);
		});
		return hidden;
	};

	const gradientsOf = async (
		current: TensorMap,
		batch: WeightedBatch,
		shard: Shard,
		lengths: readonly number[],
		signal?: AbortSignal,
	) => {
		const steps = shard.length - 1;
		const { ids, targets } = shardTokens(batch, shard);
		const weights = shardWeights(batch, shard);
		const passage = blocks.passage(shard.rows.length, steps);
		const traces: Trace[] = [];
		const x = await enter(current, ids, shard, lengths, signal);
		const [y = x] = await blocks.forward([x], [passage], above, current, traces, signal);
		const { loss, dhidden } = await head.loss(y, targets, weights, signal);
		const gradients = await blocks.backward(dhidden, passage, above, current, traces, signal);
		return { loss, gradients };
	};

	/** As many at a time as there are workers, results in order: the sums do not depend on the workers. */
	const inParallel = async <R>(
		shards: readonly Shard[],
		work: (shard: Shard) => Promise<R>,
		take: (result: R, shard: Shard) => void,
	): Promise<void> => {
		for (let at = 0; at < shards.length; at += runtime.workers) {
			const group = shards.slice(at, at + runtime.workers);
			const results = await Promise.all(group.map((shard) => work(shard)));
			results.forEach((result, i) => {
				const shard = group[i];
				if (shard) take(result, shard);
			});
		}
	};

	return {
		description: `onnx layer by layer, ${runtime.description}`,
		async gradients(current, batch, signal) {
			signal?.throwIfAborted();
			cache.follow(new Map([...current].filter(([name]) => isLower(name))));
			let loss = 0;
			const lengths = weightedLengths(batch);
			const sums = new Map<string, Float32Array>();
			for (const [name, { data }] of current) sums.set(name, new Float32Array(data.length));
			await inParallel(
				shardsOf(lengths, tokensPerRun),
				(shard) => gradientsOf(current, batch, shard, lengths, signal),
				(part) => {
					loss += part.loss;
					for (const [name, gradient] of part.gradients) {
						const sum = sums.get(name);
						if (sum) gradient.forEach((v, i) => (sum[i] = (sum[i] ?? 0) + v));
					}
				},
			);
			return { loss, gradients: sums };
		},
		async logprobs(current, batch, signal) {
			signal?.throwIfAborted();
			cache.follow(new Map([...current].filter(([name]) => isLower(name))));
			const perRow = batch.length - 1;
			const all = new Float32Array(batch.batch * perRow);
			const lengths = Array<number>(batch.batch).fill(batch.length);
			await inParallel(
				shardsOf(lengths, tokensPerRun),
				async (shard) => {
					const { ids, targets } = shardTokens(batch, shard);
					const passage = blocks.passage(shard.rows.length, perRow);
					const x = await enter(current, ids, shard, lengths, signal);
					const [y = x] = await blocks.forward([x], [passage], above, current, null, signal);
					return head.logprobs(y, targets, signal);
				},
				(part, shard) => {
					shard.rows.forEach((row, i) => {
						all.set(part.subarray(i * perRow, (i + 1) * perRow), row * perRow);
					});
				},
			);
			return all;
		},
		async dispose() {
			cache.clear();
			try {
				await blocks.release();
			} finally {
				await head.release();
			}
		},
	};
}
