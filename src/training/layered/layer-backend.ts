/**
 * @file What a back end must be able to do to learn layer by layer: embed, run layers forward and backward, score with the
 * head. The order of these steps, shards, sums and the cache of hidden states are the same for all (`layer-driver.ts`).
 */
import type { Parameters } from '#model/adapter.ts';
import type { TensorMap } from '#model/tensor.ts';
import type { Shard } from '../onnx/shards.ts';
import type { TokenBatch } from '../trainer.ts';

/** From one layer (inclusive) to another (exclusive). */
export interface Layers {
	readonly from: number;
	readonly to: number;
}

/** R rows of a batch that run together, and what they are asked. */
export interface PassInput {
	/** Without weights nothing can be learned. */
	readonly batch: TokenBatch & { readonly weights?: Float32Array };
	readonly shard: Shard;
	/** Input tokens of each row without what follows its own length; of different lengths. */
	readonly rows: readonly Int32Array[];
}

/** One shard on its way there and back; the hidden states are where the back end computes. */
export interface LayerPass {
	/** Takes these hidden states [tokens of the row, D] of each row; without them the embeddings of the input tokens. */
	enter(states: readonly Float32Array[] | undefined, signal?: AbortSignal): Promise<void>;
	/** Through all of `layers`; while learning, what the way back needs is kept. */
	forward(layers: Layers, learning: boolean, signal?: AbortSignal): Promise<void>;
	/** Summands of Σ w·(−log p) in nats, to be added in this order; the way back starts from their gradient. */
	loss(signal?: AbortSignal): Promise<Iterable<number>>;
	/** Back through all of `layers`, which ran forward while learning. */
	backward(layers: Layers, signal?: AbortSignal): Promise<void>;
	/** Adds this shard's gradients to the sums; called in the order of the shards. */
	add(): void;
	/** Of every target of the shard, [R, length − 1], in nats. */
	logprobs(signal?: AbortSignal): Promise<Float32Array>;
}

/** An open back end. Calls of `begin` do not overlap; passes do, up to `workers` of them. */
export interface LayerBackend {
	/** For people: `onnx layer by layer, wasm, 2 workers`. */
	readonly description: string;
	/** Passes that may be under way at once. */
	readonly workers: number;
	/** Starts a call with these LoRA factors; while learning, the sums of the gradients are zero again. */
	begin(factors: TensorMap, learning: boolean): void;
	pass(input: PassInput): LayerPass;
	/**
	 * Hidden states [tokens, D] of each row after `layers`, which start at 0. The bits of a row do not depend on the
	 * rows beside it.
	 */
	states(
		rows: readonly Int32Array[],
		layers: Layers,
		signal?: AbortSignal,
	): Promise<readonly Float32Array[]>;
	/** Hands over the sums since `begin` by factor; those of factors outside of `layers` may be absent. */
	gradients(layers: Layers): ReadonlyMap<string, Float32Array>;
	release(): Promise<void>;
}

/** The adapter that is learned. */
export type Lora = Extract<Parameters, { kind: 'lora' }>;

/** The settings that the back ends themselves heed, defaults filled in. */
export interface LayerSettings {
	/** Absent: as the back end thinks best. */
	readonly activations?: 'kept' | 'recomputed' | undefined;
	readonly topLayers: number;
	readonly tokensPerRun: number;
	readonly headRows: number;
	readonly signal?: AbortSignal | undefined;
}

/** Opens a back end for a LoRA. */
export type OpenLayers = (lora: Lora, settings: LayerSettings) => Promise<LayerBackend>;

/** A list in pieces of at most `size`, in order. */
export function* inPieces<T>(all: readonly T[], size: number): Generator<readonly T[], void> {
	for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
