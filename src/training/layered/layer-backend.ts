/**
 * @file Interface of a layer-wise back end: embed, run layers forward and backward, score with the head. The order of
 * these steps, shards, sums and the cache of hidden states are shared (`layer-driver.ts`).
 */
import type { Parameters } from '#model/adapter.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { Shard } from '../onnx/shards.ts';
import type { Anchor, TokenBatch } from '../trainer.ts';

/** Layer range, end exclusive. */
export interface Layers {
	readonly from: number;
	readonly to: number;
}

/** R rows of a batch that run together, with their targets. */
export interface PassInput {
	/** Targets of weight 0 are neither learnt nor scored; without weights all are scored and none is learnt. */
	readonly batch: TokenBatch & {
		readonly weights?: Float32Array | undefined;
		readonly anchor?: Anchor;
	};
	readonly shard: Shard;
	/** Input tokens of each row without padding; lengths differ. */
	readonly rows: readonly Int32Array[];
}

/** Forward and backward pass of one shard; the back end holds the hidden states. */
export interface LayerPass {
	/** Sets the hidden states [tokens of the row, D] of each row; by default the embeddings of the input tokens. */
	enter(states: readonly Float32Array[] | undefined, signal?: AbortSignal): Promise<void>;
	/** Forward pass through `layers`; with `learning`, keeps the activations for the backward pass. */
	forward(layers: Layers, learning: boolean, signal?: AbortSignal): Promise<void>;
	/** Summands of Σ w·(−log p) in nats, to be added in this order; starts the backward pass with their gradient. */
	loss(signal?: AbortSignal): Promise<Iterable<number>>;
	/** Backward pass through `layers`, which ran forward with `learning`. */
	backward(layers: Layers, signal?: AbortSignal): Promise<void>;
	/**
	 * Gradient by the hidden states of `enter`, [tokens of the row, D] each, once `backward` has reached those layers; of a
	 * shared prefix it is the sum over its rows.
	 */
	inputGradients(): readonly Float32Array[];
	/** Adds this shard's gradients to the sums; called in the order of the shards. */
	add(): void;
	/** Log-probabilities of the targets of each row, nats; 0 where the weight is. */
	logprobs(signal?: AbortSignal): Promise<readonly Float32Array[]>;
}

/** An open back end. Calls of `begin` do not overlap; passes do, up to `workers` of them. */
export interface LayerBackend {
	/** Description for people: `onnx layer by layer, wasm, 2 workers`. */
	readonly description: string;
	/** It takes the anchor of a batch. */
	readonly takesAnchors?: boolean;
	/** Number of concurrent passes. */
	readonly workers: number;
	/**
	 * Starts a call with these LoRA factors; with `learning`, zeroes the gradient sums. Below layer `from` the factors have
	 * the effect that they had in the call before.
	 */
	begin(factors: TensorMap, learning: boolean, from: number): void;
	pass(input: PassInput): LayerPass;
	/**
	 * Hidden states [tokens, D] of each row after `layers`, which start at 0. The bits of a row do not depend on the rows
	 * beside it.
	 */
	states(
		rows: readonly Int32Array[],
		layers: Layers,
		signal?: AbortSignal,
	): Promise<readonly Float32Array[]>;
	/** Rows of the embedding table, [N, D]. */
	embeddings(ids: Int32Array, signal?: AbortSignal): Promise<Float32Array>;
	/** Returns the sums since `begin` by factor; factors outside of `layers` may be absent. */
	gradients(layers: Layers): ReadonlyMap<string, Float32Array>;
	/** Bytes of its memory so far: weights, factors and activations; absent if it cannot tell. */
	readonly heldBytes?: () => number;
	release(): Promise<void>;
}

/** The trained adapter. */
export type Lora = Extract<Parameters, { kind: 'lora' }>;

/** Settings of the back ends, defaults applied. */
export interface LayerSettings {
	/** Absent: the back end chooses. */
	readonly activations?: 'kept' | 'recomputed' | undefined;
	readonly topLayers: number;
	readonly tokensPerRun: number;
	readonly headRows: number;
	/** Default: true, if the back end can. */
	readonly sharesPrefixes?: boolean | undefined;
	readonly signal?: AbortSignal | undefined;
}

/** Opens a back end for a LoRA. */
export type OpenLayers = (lora: Lora, settings: LayerSettings) => Promise<LayerBackend>;

/** Consecutive slices of at most `size` items. */
export function* inPieces<T>(all: readonly T[], size: number): Generator<readonly T[], void> {
	for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
