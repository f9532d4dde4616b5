/**
 * @file Gradients at the input embeddings, layer by layer over any back end: the way back goes on below the first layer.
 *
 * A search over prompts needs ∂L/∂e of each input token e and the embedding table, not one-hot vectors: the score of a
 * substitute token v is the dot product of its embedding with ∂L/∂e (Ebrahimi et al. 2018; GCG, Zou et al. 2023).
 */
import { zeros, type TensorMap } from '#model/tensor.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import { loraShapes } from '#model/spec.ts';
import { weightedLengths } from '../data/pack.ts';
import { shardsOf } from '../onnx/shards.ts';
import type { WeightedBatch } from '../trainer.ts';
import type { Lora, OpenLayers } from './layer-backend.ts';

/** A frozen model whose input embeddings have gradients, with a LoRA on or off. */
export interface InputGradients {
	/** Description for people: `wasm, 2 threads, layer by layer`. */
	readonly description: string;
	/** The factors that switch the LoRA off: zeros of the right shapes. */
	readonly off: TensorMap;
	/**
	 * Σ w·(−log p) in nats, not divided by the normaliser, under these factors, and for each row its gradient by the
	 * embeddings of the input tokens up to the last weighted target, [tokens, D].
	 */
	gradients(
		factors: TensorMap,
		batch: WeightedBatch,
		signal?: AbortSignal,
	): Promise<{ readonly loss: number; readonly rows: readonly Float32Array[] }>;
	/** Rows of the embedding table, [N, D]. */
	embeddings(ids: Int32Array, signal?: AbortSignal): Promise<Float32Array>;
	dispose(): Promise<void>;
}

/** Opens a model for adapters of this shape. Calls must not overlap. */
export type OpenInputGradients = (lora: Lora, signal?: AbortSignal) => Promise<InputGradients>;

/** Each row whole: a gradient is asked for by row. */
const settings = { tokensPerRun: 512, headRows: 256, sharesPrefixes: false } as const;

/** Opens the layers of a back end. */
export async function inputGradients(
	spec: ModelSpec,
	lora: Lora,
	open: OpenLayers,
	signal?: AbortSignal,
): Promise<InputGradients> {
	const layers = await open(lora, { ...settings, topLayers: spec.layers, signal });
	const all = { from: 0, to: spec.layers };
	return {
		description: layers.description,
		off: new Map([...loraShapes(spec, lora)].map(([name, shape]) => [name, zeros(shape)])),
		async gradients(factors, batch, stop) {
			layers.begin(factors, true, 0);
			const lengths = weightedLengths(batch);
			const rows: Float32Array[] = lengths.map(() => new Float32Array());
			let loss = 0;
			for (const shard of shardsOf(lengths, settings.tokensPerRun)) {
				const inputs = shard.rows.map((row) => {
					const from = row * batch.length;
					return batch.tokens.subarray(from, from + (lengths[row] ?? shard.length) - 1);
				});
				const pass = layers.pass({ batch, shard, rows: inputs });
				await pass.enter(undefined, stop);
				await pass.forward(all, true, stop);
				for (const one of await pass.loss(stop)) loss += one;
				await pass.backward(all, stop);
				pass.inputGradients().forEach((gradient, i) => {
					rows[shard.rows[i] ?? 0] = gradient;
				});
			}
			return { loss, rows };
		},
		embeddings: (ids, stop) => layers.embeddings(ids, stop),
		dispose: () => layers.release(),
	};
}
