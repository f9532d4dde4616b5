/**
 * @file Interface of a gradient back end: the loss and its gradient. Optimizer, clipping, averaging and checkpoints are
 * shared (`gradient-trainer.ts`), so back ends cannot differ there.
 */
import type { Parameters } from '#model/adapter.ts';
import type { ModelSpec } from '#model/model-spec.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { ScoredBatch, WeightedBatch } from './trainer.ts';

/** An open back end; its owner keeps the parameters and passes them to every call. */
export interface GradientBackend {
	/** Description for people: `onnx, wasm, 2 workers`. */
	readonly description: string;
	/**
	 * Σ w·(−log p) over the batch, not divided by its normaliser, and the gradient of that sum and of the anchor,
	 * for each trained parameter, by the names and in the order of `parameters`.
	 */
	gradients(
		parameters: TensorMap,
		batch: WeightedBatch,
		signal?: AbortSignal,
	): Promise<{ readonly loss: number; readonly gradients: ReadonlyMap<string, Float32Array> }>;
	/** It takes the `anchor` of a batch in the same pass; else a batch comes without one. */
	readonly takesAnchors?: boolean;
	/** Parts of a batch that are cheaper one after another than together; their normalisers add up. */
	split?(batch: WeightedBatch): readonly WeightedBatch[];
	/** [B, T-1] log-probabilities in nats under these parameters. */
	logprobs(parameters: TensorMap, batch: ScoredBatch, signal?: AbortSignal): Promise<Float32Array>;
	/** Bytes of its memory so far: weights, factors and activations; absent if it cannot tell. */
	readonly heldBytes?: () => number;
	dispose(): Promise<void>;
}

/** Opens a back end over base weights; `parameters` names the tensors of every call. */
export type OpenGradients = (
	spec: ModelSpec,
	base: TensorMap,
	parameters: Parameters,
) => Promise<GradientBackend>;
