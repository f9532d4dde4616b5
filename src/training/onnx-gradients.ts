/**
 * @file The ONNX back end of the trainer: our backward graph on ONNX Runtime.
 *
 * A batch is cut into shards of rows of similar length, about as many tokens in each, and their gradients are added
 * in a fixed order: lanes share the work, and the result does not depend on how many there are.
 */
import { feedFloat, feedInt, floats } from '#graph/runtime/runtime.ts';
import type { Feeds, GraphRuntime, GraphSession } from '#graph/runtime/runtime.ts';
import type { Parameters } from '#model/adapter.ts';
import { angleFeeds, tensorFeeds } from '#model/graphs/feeds.ts';
import { causalMask } from '#model/graphs/masks.ts';
import { scaleOf, scoringGraph, trainingGraph } from '#model/graphs/training-graph.ts';
import { preferredForm, type LoraForm } from '#model/graphs/weights.ts';
import type { ModelSpec } from '#model/spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import { weightedLengths } from './batch.ts';
import type { GradientBackend } from './gradients.ts';
import type { TokenBatch } from './trainer.ts';

/** Tokens of a shard: enough for fast matrix products, few enough that a small batch keeps several lanes busy. */
const tokensPerShard = 1024;

/** Rows of a batch that run together, cut to their own length. */
interface Shard {
	readonly rows: readonly number[];
	/** Tokens of the longest row. */
	readonly length: number;
}

export interface OnnxGradientOptions {
	/** How the LoRA enters; by default what costs less at this width and rank. */
	readonly form?: LoraForm;
}

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

	const feedsOf = (batch: TokenBatch, { rows, length }: Shard): Feeds => {
		const steps = length - 1;
		const ids = new Int32Array(rows.length * steps);
		const targets = new Int32Array(rows.length * steps);
		rows.forEach((row, i) => {
			const from = row * batch.length;
			ids.set(batch.tokens.subarray(from, from + steps), i * steps);
			targets.set(batch.tokens.subarray(from + 1, from + 1 + steps), i * steps);
		});
		return {
			ids: feedInt(ids, [rows.length, steps]),
			targets: feedInt(targets, [targets.length]),
			mask: feedFloat(causalMask(steps), [1, 1, steps, steps]),
			...angleFeeds(spec, steps),
		};
	};

	return {
		description: `onnx, ${runtime.description}`,
		async gradients(current, batch, signal) {
			await training.bind(tensorFeeds(current));
			const perRow = batch.length - 1;
			const shards = shardsOf(weightedLengths(batch));
			const results = await Promise.all(
				shards.map((shard) => {
					const weights = new Float32Array(shard.rows.length * (shard.length - 1));
					shard.rows.forEach((row, i) => {
						const from = row * perRow;
						const part = batch.weights.subarray(from, from + shard.length - 1);
						weights.set(part, i * (shard.length - 1));
					});
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
				shardsOf(Array<number>(batch.batch).fill(batch.length)).map(async (shard) => {
					const outputs = await session.run(feedsOf(batch, shard), signal);
					const part = floats(outputs, 'logprobs');
					const steps = shard.length - 1;
					shard.rows.forEach((row, i) => {
						all.set(part.subarray(i * steps, (i + 1) * steps), row * perRow);
					});
				}),
			);
			return all;
		},
		async dispose() {
			await training.release();
			await (await scoring)?.release();
		},
	};
}

/** Rows of similar length together, the longest first, so that no lane ends with the longest alone. */
function shardsOf(lengths: readonly number[]): readonly Shard[] {
	const order = [...lengths.keys()].sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0) || a - b);
	const shards: Shard[] = [];
	for (let at = 0; at < order.length;) {
		const length = lengths[order[at] ?? 0] ?? 0;
		const rows = order.slice(at, at + Math.max(1, Math.round(tokensPerShard / length)));
		shards.push({ rows, length });
		at += rows.length;
	}
	return shards;
}
