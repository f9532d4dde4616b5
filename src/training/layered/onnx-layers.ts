/** @file Layer back end on ONNX Runtime: rows of a shard are padded to the longest, hidden states are one array. */
import type { GraphRuntime } from '#graph/runtime/runtime.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { shardTokens, shardWeights } from '../onnx/shards.ts';
import { frozenBlocks, type FrozenForm } from './frozen-weights.ts';
import type { LayerBackend, LayerSettings, Lora } from './layer-backend.ts';
import { openBlocks, type Trace } from './onnx-blocks.ts';
import { openHead } from './onnx-head.ts';

/** Reads the frozen weights; sessions are opened on first use. */
export async function openOnnxLayers(
	runtime: GraphRuntime,
	spec: ModelSpec,
	weights: WeightStore,
	lora: Lora,
	frozen: FrozenForm,
	{ activations = 'kept', headRows, signal: stop }: LayerSettings,
): Promise<LayerBackend> {
	const head = await openHead(runtime, spec, weights, headRows, stop);
	const blocks = openBlocks(runtime, spec, lora, await frozenBlocks(spec, weights, frozen, stop), {
		keep: activations === 'kept',
	});
	let factors: TensorMap = new Map();
	let sums = new Map<string, Float32Array>();

	return {
		description: `onnx layer by layer, ${runtime.description}`,
		workers: runtime.workers,
		begin(current, learning) {
			factors = current;
			sums = new Map(
				learning
					? [...current].map(([name, { data }]) => [name, new Float32Array(data.length)])
					: [],
			);
		},
		pass({ batch, shard, rows }) {
			const steps = shard.length - 1;
			const { ids, targets } = shardTokens(batch, shard);
			const passage = blocks.passage(shard.rows.length, steps);
			const traces: Trace[] = [];
			let x: Float32Array = new Float32Array();
			let gradients = new Map<string, Float32Array>();
			return {
				enter(states) {
					if (!states) x = head.embed(ids);
					else {
						// Padding after a row's tokens has no weight, and causal attention hides it from them.
						x = new Float32Array(ids.length * spec.hiddenSize);
						for (const [i, state] of states.entries()) x.set(state, i * steps * spec.hiddenSize);
					}
					return Promise.resolve();
				},
				async forward(layers, learning, signal) {
					const keep = learning ? traces : null;
					[x = x] = await blocks.forward([x], [passage], layers, factors, keep, signal);
				},
				async loss(signal) {
					const { loss, dhidden } = await head.loss(x, targets, shardWeights(batch, shard), signal);
					x = dhidden;
					return [loss];
				},
				async backward(layers, signal) {
					const made = await blocks.backward(x, passage, layers, factors, traces, signal);
					({ dx: x, gradients } = made);
				},
				inputGradients: () =>
					rows.map(({ length }, i) => {
						const from = i * steps * spec.hiddenSize;
						return x.slice(from, from + length * spec.hiddenSize);
					}),
				add() {
					for (const [name, gradient] of gradients) {
						const sum = sums.get(name);
						if (!sum) continue;
						for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (gradient[i] ?? 0);
					}
				},
				async logprobs(signal) {
					const asked = batch.weights ? shardWeights(batch, shard) : undefined;
					const all = await head.logprobs(x, targets, asked, signal);
					return rows.map(({ length }, i) => all.subarray(i * steps, i * steps + length));
				},
			};
		},
		// Each row alone, all of them side by side, so that a layer's weights are fetched once.
		states: (rows, layers, signal) =>
			blocks.forward(
				rows.map((row) => head.embed(row)),
				rows.map((row) => blocks.passage(1, row.length)),
				layers,
				factors,
				null,
				signal,
			),
		embeddings: (ids) => Promise.resolve(head.embed(ids)),
		gradients() {
			const made = sums;
			sums = new Map();
			return made;
		},
		async release() {
			try {
				await blocks.release();
			} finally {
				await head.release();
			}
		},
	};
}
