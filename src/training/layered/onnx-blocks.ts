/** @file Blocks of a model, run one after another on sessions with one block's graph each. */
import { feedFloat, feedInt, floats } from '#graph/runtime/runtime.ts';
import type { Feed, Feeds, GraphRuntime, GraphSession } from '#graph/runtime/runtime.ts';
import { angleFeeds } from '#model/graphs/feeds.ts';
import { causalMask } from '#model/graphs/masks.ts';
import { blockGraphs, layerPrefix, withinLayer } from '#model/graphs/block-graphs.ts';
import type { BlockGraphs, CutGraph } from '#model/graphs/block-graphs.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { FrozenBlocks } from './frozen-weights.ts';
import type { Layers, Lora } from './layer-backend.ts';

/** B rows of T tokens and their feeds. */
export interface Passage {
	readonly batch: number;
	readonly steps: number;
	/** Mask, angles, and the ids' shape. */
	readonly feeds: Feeds;
}

/** Start of a block's backward pass: its input, and kept activations unless they are recomputed. */
export interface Trace {
	readonly x: Float32Array;
	readonly kept: Feeds | null;
}

export interface Blocks {
	passage(batch: number, steps: number): Passage;
	/**
	 * Forward pass through `layers`; traces for the backward pass are pushed to `traces`. Several inputs run side by side,
	 * so that a layer's weights are fetched once.
	 */
	forward(
		inputs: readonly Float32Array[],
		passages: readonly Passage[],
		layers: Layers,
		factors: TensorMap,
		traces: Trace[] | null,
		signal?: AbortSignal,
	): Promise<readonly Float32Array[]>;
	/** Backward pass through the traced layers with one input: the gradient by that input, and the factors' by full name. */
	backward(
		dy: Float32Array,
		passage: Passage,
		layers: Layers,
		factors: TensorMap,
		traces: Trace[],
		signal?: AbortSignal,
	): Promise<{ readonly dx: Float32Array; readonly gradients: Map<string, Float32Array> }>;
	release(): Promise<void>;
}

export interface BlockOptions {
	readonly keep: boolean;
}

/** Sessions are opened on first use, one for each graph and each kind of layer. */
export function openBlocks(
	runtime: GraphRuntime,
	spec: ModelSpec,
	lora: Lora,
	frozen: FrozenBlocks,
	{ keep }: BlockOptions,
): Blocks {
	const graphs = new Map<boolean, BlockGraphs>();
	const sessions = new Map<CutGraph, Promise<GraphSession>>();
	const graphsOf = (layer: number): BlockGraphs => {
		const kind = spec.rope[layer] ?? false;
		const found = graphs.get(kind) ?? blockGraphs(spec, layer, lora);
		graphs.set(kind, found);
		return found;
	};
	const sessionOf = (graph: CutGraph): Promise<GraphSession> => {
		const known = sessions.get(graph);
		if (known) return known;
		const opening = runtime.open(graph.model);
		sessions.set(graph, opening);
		// Retried next time, with nothing to release.
		opening.catch(() => sessions.delete(graph));
		return opening;
	};
	const run = async (graph: CutGraph, feeds: Feeds, signal?: AbortSignal): Promise<Feeds> => {
		const session = await sessionOf(graph);
		const asked = Object.entries(feeds).filter(([name]) => graph.inputs.has(name));
		return session.run(Object.fromEntries(asked), signal);
	};
	const hidden = (data: Float32Array): Feed =>
		feedFloat(data, [data.length / spec.hiddenSize, spec.hiddenSize]);
	const byLayer = new WeakMap<TensorMap, readonly Feeds[]>();
	/** The factors change in place between steps, so the cached feeds are views of them. */
	const factorFeeds = (factors: TensorMap, layer: number): Feeds => {
		const found =
			byLayer.get(factors) ??
			Array.from({ length: spec.layers }, (_, i) =>
				Object.fromEntries(
					[...withinLayer(factors, i)].map(([name, t]) => [name, feedFloat(t.data, t.shape)]),
				),
			);
		byLayer.set(factors, found);
		return found[layer] ?? {};
	};
	/** Each layer's frozen weights, with the next ones prefetched. */
	async function* weightsOf(
		layers: readonly number[],
		signal?: AbortSignal,
	): AsyncGenerator<readonly [layer: number, weights: Feeds]> {
		const fetch = (i: number): Promise<Feeds> | undefined => {
			const layer = layers[i];
			const coming = layer === undefined ? undefined : frozen.feeds(layer, signal);
			coming?.catch(() => undefined); // the awaiting caller gets the error
			return coming;
		};
		let coming = fetch(0);
		for (const [i, layer] of layers.entries()) {
			const weights = await coming;
			coming = fetch(i + 1);
			if (weights) yield [layer, weights];
		}
	}
	const range = (from: number, to: number): number[] =>
		Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);

	return {
		passage: (batch, steps) => ({
			batch,
			steps,
			feeds: {
				ids: feedInt(new Int32Array(batch * steps), [batch, steps]),
				mask: feedFloat(causalMask(steps), [1, 1, steps, steps]),
				...angleFeeds(spec, steps),
			},
		}),
		async forward(inputs, passages, { from, to }, factors, traces, signal) {
			let at = inputs;
			for await (const [layer, weights] of weightsOf(range(from, to), signal)) {
				const { forward, forwardKeeping, kept } = graphsOf(layer);
				const keeping = traces !== null && keep;
				const step = async (x: Float32Array, i: number): Promise<Float32Array> => {
					const feeds = { ...passages[i]?.feeds, ...weights, ...factorFeeds(factors, layer) };
					const graph = keeping ? forwardKeeping : forward;
					const outputs = await run(graph, { ...feeds, x: hidden(x) }, signal);
					traces?.push({ x, kept: keeping ? pickFeeds(outputs, kept) : null });
					return floats(outputs, 'y');
				};
				at = await Promise.all(at.map(step));
			}
			return at;
		},
		async backward(dy, passage, { from, to }, factors, traces, signal) {
			const gradients = new Map<string, Float32Array>();
			let at = dy;
			for await (const [layer, weights] of weightsOf(range(from, to).reverse(), signal)) {
				const trace = traces.pop();
				if (!trace) throw new Error(`layer ${layer} left no trace`);
				const { backward, backwardRecomputing } = graphsOf(layer);
				const feeds = { ...passage.feeds, ...weights, ...factorFeeds(factors, layer) };
				const outputs = await run(
					trace.kept ? backward : backwardRecomputing,
					{ ...feeds, ...trace.kept, x: hidden(trace.x), dy: hidden(at) },
					signal,
				);
				for (const name of withinLayer(factors, layer).keys())
					gradients.set(layerPrefix(layer) + name, floats(outputs, `gradient/${name}`));
				at = floats(outputs, 'dx');
			}
			return { dx: at, gradients };
		},
		async release() {
			const opened = await Promise.allSettled(sessions.values());
			sessions.clear();
			for (const one of opened) if (one.status === 'fulfilled') await one.value.release();
		},
	};
}

const pickFeeds = (feeds: Feeds, names: readonly string[]): Feeds =>
	Object.fromEntries(
		names.flatMap((name) => {
			const feed = feeds[name];
			return feed ? [[name, feed] as const] : [];
		}),
	);
