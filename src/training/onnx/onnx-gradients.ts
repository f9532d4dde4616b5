/**
 * @file ONNX back end of the trainer: our backward graph on ONNX Runtime.
 *
 * A batch is cut into shards of rows of similar length, with about equally many tokens, and their gradients are added in
 * a fixed order: the result does not depend on the number of workers.
 */
import { feedFloat, feedInt, floats } from '#graph/runtime/runtime.ts';
import type { Feeds, GraphRuntime, GraphSession } from '#graph/runtime/runtime.ts';
import type { Parameters } from '#model/adapter.ts';
import { angleFeeds, tensorFeeds } from '#model/graphs/feeds.ts';
import { causalMask } from '#model/graphs/masks.ts';
import { scaleOf, scoringGraph, trainingGraph } from '#model/graphs/training-graph.ts';
import { preferredForm, type LoraForm } from '#model/graphs/weights.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import { weightedLengths } from '../data/pack.ts';
import type { GradientBackend } from '../gradients.ts';
import { shardsOf, shardTokens, shardWeights, type Shard } from './shards.ts';
import type { TokenBatch } from '../trainer.ts';

/** Tokens of a shard: enough for fast matrix products, few enough that a small batch keeps several workers busy. */
const tokensPerShard = 1024;

/** Settings of the ONNX back end. */
export interface OnnxGradientOptions {
	/** Form of the LoRA in the graph; by default the cheaper one at this width and rank. */
	readonly form?: LoraForm;
}

/** Opens the training graph over base weights; the scoring graph is opened on first use. */
export async function openOnnxGradients(
	runtime: GraphRuntime,
	spec: ModelSpec,
	base: TensorMap,
	parameters: Parameters,
	options: OnnxGradientOptions = {},
): Promise<GradientBackend> {
	const form =
		options.form ?? (parameters.kind === 'lora' ? preferredForm(spec, parameters.rank) : 'merged');
	const frozen = parameters.kind === 'lora' ? tensorFeeds(base) : {};
	const openBound = async (graph: Uint8Array): Promise<GraphSession> => {
		const session = await runtime.open(graph);
		await session.bind(frozen);
		return session;
	};
	const training = await openBound(trainingGraph(spec, parameters, form));
	let scoring: Promise<GraphSession> | undefined;

	const feedsOf = (batch: TokenBatch, shard: Shard): Feeds => {
		const steps = shard.length - 1;
		const { ids, targets } = shardTokens(batch, shard);
		return {
			ids: feedInt(ids, [shard.rows.length, steps]),
			targets: feedInt(targets, [targets.length]),
			mask: feedFloat(causalMask(steps), [1, 1, steps, steps]),
			...angleFeeds(spec, steps),
		};
	};

	return {
		description: `onnx, ${runtime.description}`,
		async gradients(current, batch, signal) {
			await training.bind(tensorFeeds(current));
			const results = await Promise.all(
				shardsOf(weightedLengths(batch), tokensPerShard).map((shard) => {
					const weights = shardWeights(batch, shard);
					const feeds = { ...feedsOf(batch, shard), weights: feedFloat(weights, [weights.length]) };
					return training.run(feeds, signal);
				}),
			);
			let loss = 0;
			const sums = new Map<string, Float32Array>();
			for (const outputs of results) {
				loss += floats(outputs, 'loss')[0] ?? NaN;
				for (const name of current.keys()) {
					const part = floats(outputs, `gradient/${name}`);
					const sum = sums.get(name);
					if (!sum) sums.set(name, part);
					else for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (part[i] ?? 0);
				}
			}
			return { loss, gradients: sums };
		},
		async logprobs(current, batch, signal) {
			scoring ??= openBound(scoringGraph(spec, parameters, form, scaleOf(parameters)));
			const session = await scoring;
			await session.bind(tensorFeeds(current));
			const perRow = batch.length - 1;
			const all = new Float32Array(batch.batch * perRow);
			await Promise.all(
				shardsOf(Array<number>(batch.batch).fill(batch.length), tokensPerShard).map(
					async (shard) => {
						const outputs = await session.run(feedsOf(batch, shard), signal);
						const part = floats(outputs, 'logprobs');
						const steps = shard.length - 1;
						shard.rows.forEach((row, i) => {
							all.set(part.subarray(i * steps, (i + 1) * steps), row * perRow);
						});
					},
				),
			);
			return all;
		},
		async dispose() {
			await training.release();
			await (await scoring)?.release();
		},
	};
}
