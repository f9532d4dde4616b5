/** @file LM head of layer-wise training, run on weighted rows in chunks. */
import { feedFloat, feedInt, floats } from '#graph/runtime/runtime.ts';
import type { GraphRuntime, GraphSession } from '#graph/runtime/runtime.ts';
import { headScoringGraph, headTrainingGraph } from '#model/graphs/head-graph.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { headName } from '#model/transformer.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { frozenTensor } from './frozen-weights.ts';
import { inPieces } from './layer-backend.ts';

export interface Head {
	/** Token ids of the vocabulary → rows of the embedding table, [N, D]. */
	embed(ids: Int32Array): Float32Array;
	/** −Σ w·log p over hidden states [N, D], and its gradient [N, D]; rows of weight 0 cost nothing. */
	loss(
		hidden: Float32Array,
		targets: Int32Array,
		weights: Float32Array,
		signal?: AbortSignal,
	): Promise<{ readonly loss: number; readonly dhidden: Float32Array }>;
	/** [N] nats; with weights only of rows whose own is not 0, and 0 of the others. */
	logprobs(
		hidden: Float32Array,
		targets: Int32Array,
		weights?: Float32Array,
		signal?: AbortSignal,
	): Promise<Float32Array>;
	release(): Promise<void>;
}

/** Opens the head; `rows` per run, so the largest buffer has rows · vocabulary · 4 bytes. */
export async function openHead(
	runtime: GraphRuntime,
	spec: ModelSpec,
	weights: WeightStore,
	rows: number,
	signal?: AbortSignal,
): Promise<Head> {
	const { hiddenSize: d, vocabularySize } = spec;
	const get = (name: string) => frozenTensor(spec, weights, name, signal);
	const table = await get('model.embed_tokens.weight');
	const head = spec.tiedEmbeddings ? table : await get(headName(spec));
	const bound = {
		norm: feedFloat(await get('model.norm.weight'), [d]),
		table: feedFloat(head, [vocabularySize, d]),
	};
	const opener = (graph: () => Uint8Array): (() => Promise<GraphSession>) => {
		let opened: Promise<GraphSession> | undefined;
		const open = async (): Promise<GraphSession> => {
			const session = await runtime.open(graph());
			releases.push(() => session.release());
			await session.bind(bound);
			return session;
		};
		return () => {
			// Retried next time after a failure.
			opened ??= open().catch((error: unknown) => {
				opened = undefined;
				throw error;
			});
			return opened;
		};
	};
	const releases: (() => Promise<void>)[] = [];
	const training = opener(() => headTrainingGraph(spec));
	const scoring = opener(() => headScoringGraph(spec));

	/** Feeds of the given rows, gathered. */
	const gather = (hidden: Float32Array, targets: Int32Array, chosen: readonly number[]) => {
		const states = new Float32Array(chosen.length * d);
		chosen.forEach((row, i) => states.set(hidden.subarray(row * d, (row + 1) * d), i * d));
		return {
			hidden: feedFloat(states, [chosen.length, d]),
			targets: feedInt(
				Int32Array.from(chosen, (row) => targets[row] ?? 0),
				[chosen.length],
			),
		};
	};

	return {
		embed: (ids) => {
			const hidden = new Float32Array(ids.length * d);
			ids.forEach((id, i) => {
				hidden.set(table.subarray(id * d, (id + 1) * d), i * d);
			});
			return hidden;
		},
		async loss(hidden, targets, w, stop) {
			const counted = [...w.keys()].filter((row) => w[row] !== 0);
			const dhidden = new Float32Array(hidden.length);
			let loss = 0;
			for (const chosen of inPieces(counted, rows)) {
				const part = Float32Array.from(chosen, (row) => w[row] ?? 0);
				const outputs = await (
					await training()
				).run(
					{ ...gather(hidden, targets, chosen), weights: feedFloat(part, [chosen.length]) },
					stop,
				);
				loss += floats(outputs, 'loss')[0] ?? NaN;
				const gradient = floats(outputs, 'dhidden');
				chosen.forEach((row, i) => {
					dhidden.set(gradient.subarray(i * d, (i + 1) * d), row * d);
				});
			}
			return { loss, dhidden };
		},
		async logprobs(hidden, targets, w, stop) {
			const all = new Float32Array(targets.length);
			const asked = [...targets.keys()].filter((row) => w?.[row] !== 0);
			for (const chosen of inPieces(asked, rows)) {
				const session = await scoring();
				const made = floats(await session.run(gather(hidden, targets, chosen), stop), 'logprobs');
				chosen.forEach((row, i) => (all[row] = made[i] ?? NaN));
			}
			return all;
		},
		async release() {
			for (const release of releases.splice(0)) await release();
		},
	};
}
