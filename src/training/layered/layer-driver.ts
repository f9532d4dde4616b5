/**
 * @file Layer-wise training over any back end: shards of similar length run forward, through the head and backward;
 * hidden states below the trained top layers are computed once per row and cached.
 */
import type { Parameters } from '#model/adapter.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import { weightedLengths } from '../data/pack.ts';
import type { GradientBackend } from '../gradients.ts';
import { shardsOf, type Shard } from '../onnx/shards.ts';
import { isBelowTop } from '../top-layers.ts';
import type { TokenBatch } from '../trainer.ts';
import { hiddenCache } from './hidden-cache.ts';
import type { LayerPass, OpenLayers, PassInput } from './layer-backend.ts';

/** Trade-offs of speed for memory, on any back end. */
export interface LayerOptions {
	/** `recomputed` keeps one hidden state per layer and runs each layer twice. Default: the back end's. */
	readonly activations?: 'kept' | 'recomputed';
	/** Only the factors of the top k layers are trained; the others' gradients are zero. Default: all. */
	readonly topLayers?: number;
	/** Tokens per run. Default 1024. */
	readonly tokensPerRun?: number;
	/** Rows per run of the head: `rows · vocabulary · 4` bytes. Default 256. */
	readonly headRows?: number;
	/** Tokens that rows of a run begin with are computed once for all of them. Default: true, where a back end can. */
	readonly sharesPrefixes?: boolean;
	/** Size of the cache of hidden states below the top layers. Default 256 MB. */
	readonly cacheBytes?: number;
	readonly signal?: AbortSignal;
}

/** Checks the options, then opens the layers and drives them. Rejects with a `RangeError` for anything but a LoRA. */
export async function driveLayers(
	spec: ModelSpec,
	parameters: Parameters,
	options: LayerOptions,
	open: OpenLayers,
): Promise<GradientBackend> {
	const { activations, topLayers = spec.layers, sharesPrefixes, signal: stop } = options;
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
	const settings = { activations, topLayers, tokensPerRun, headRows, sharesPrefixes, signal: stop };
	const layers = await open(parameters, settings);
	const cache = hiddenCache(cacheBytes);
	const isLower = isBelowTop(spec, topLayers);

	let hasBegun = false;
	/** Gradients of what is not trained. */
	const none = new Map<string, Float32Array>();
	const zerosOf = (name: string, { length }: Float32Array): Float32Array => {
		const zeros = none.get(name) ?? new Float32Array(length);
		none.set(name, zeros);
		return zeros;
	};

	const begin = (
		current: TensorMap,
		{ tokens }: TokenBatch,
		learning: boolean,
		signal?: AbortSignal,
	): void => {
		signal?.throwIfAborted();
		for (const id of tokens)
			if (id < 0 || id >= spec.vocabularySize)
				throw new RangeError(
					`Token ${id} is not among the model's ${spec.vocabularySize}; use the model's own tokenizer.`,
				);
		const isSame = cache.follow(new Map([...current].filter(([name]) => isLower(name))));
		layers.begin(current, learning, hasBegun && isSame ? first : 0);
		hasBegun = true;
	};

	/** A shard with its hidden states at the first trained layer. */
	const enter = async (
		batch: PassInput['batch'],
		shard: Shard,
		lengths: readonly number[],
		signal?: AbortSignal,
	): Promise<LayerPass> => {
		const rows = shard.rows.map((row) => {
			const from = row * batch.length;
			return batch.tokens.subarray(from, from + (lengths[row] ?? shard.length) - 1);
		});
		const states =
			first === 0
				? undefined
				: await cache.rows(rows, (missing) => layers.states(missing, below, signal));
		const pass = layers.pass({ batch, shard, rows });
		await pass.enter(states, signal);
		return pass;
	};

	/** As many at a time as there are workers, results in order: the sums do not depend on the number of workers. */
	const inParallel = async <R>(
		shards: readonly Shard[],
		work: (shard: Shard) => Promise<R>,
		take: (result: R, shard: Shard) => void,
	): Promise<void> => {
		for (let at = 0; at < shards.length; at += layers.workers) {
			const group = shards.slice(at, at + layers.workers);
			const results = await Promise.all(group.map((shard) => work(shard)));
			results.forEach((result, i) => {
				const shard = group[i];
				if (shard) take(result, shard);
			});
		}
	};

	return {
		description: layers.description,
		takesAnchors: layers.takesAnchors ?? false,
		...(layers.heldBytes && { heldBytes: layers.heldBytes }),
		async gradients(current, batch, signal) {
			begin(current, batch, true, signal);
			let loss = 0;
			const lengths = weightedLengths(batch);
			await inParallel(
				shardsOf(lengths, tokensPerRun),
				async (shard) => {
					const pass = await enter(batch, shard, lengths, signal);
					await pass.forward(above, true, signal);
					const losses = await pass.loss(signal);
					await pass.backward(above, signal);
					return { pass, losses };
				},
				({ pass, losses }) => {
					for (const one of losses) loss += one;
					pass.add();
				},
			);
			const made = layers.gradients(above);
			const gradients = new Map<string, Float32Array>();
			for (const [name, { data }] of current)
				gradients.set(name, made.get(name) ?? zerosOf(name, data));
			return { loss, gradients };
		},
		async logprobs(current, { mask, ...given }, signal) {
			// A batch may come with weights of a step, which say nothing here.
			const batch = { ...given, weights: mask };
			begin(current, batch, false, signal);
			const perRow = batch.length - 1;
			const all = new Float32Array(batch.batch * perRow);
			const lengths = mask
				? weightedLengths({ ...batch, weights: mask })
				: Array<number>(batch.batch).fill(batch.length);
			await inParallel(
				shardsOf(lengths, tokensPerRun),
				async (shard) => {
					const pass = await enter(batch, shard, lengths, signal);
					await pass.forward(above, false, signal);
					return pass.logprobs(signal);
				},
				(parts, { rows }) => {
					rows.forEach((row, i) => {
						all.set(parts[i] ?? [], row * perRow);
					});
				},
			);
			return all;
		},
		async dispose() {
			cache.clear();
			await layers.release();
		},
	};
}
