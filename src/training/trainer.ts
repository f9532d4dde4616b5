/**
 * @file Trainer interface, independent of the algorithm: its one primitive is the weighted token loss
 *
 *   L = Σ wₜ · (−log p(xₜ | x<t)) / normaliser
 *
 * with any real weights wₜ. Supervised loss: w = 1 on the target. DPO and policy gradients: compute each sequence's
 * coefficient from `logprobs`, and pass it as weights (see `objectives/`).
 */
import type { Adapter, Parameters } from '#model/adapter.ts';
import type { Tensor, TensorMap } from '#model/tensor.ts';

/** B right-padded sequences of T tokens. */
export interface TokenBatch {
	readonly batch: number;
	readonly length: number;
	/** [B, T], padded after the end of a shorter sequence. */
	readonly tokens: Int32Array;
}

/** A batch of which some tokens are asked for. */
export interface ScoredBatch extends TokenBatch {
	/** [B, T-1]; where it is 0, `logprobs` may give 0 instead of computing. Absent: all. */
	readonly mask?: Float32Array;
}

/** A batch with the loss weight of each token. */
export interface WeightedBatch extends TokenBatch {
	/** [B, T-1]; `weights[b, t]` is the weight of token t+1; 0 on prompt and padding. */
	readonly weights: Float32Array;
	/** Divisor of the weighted sum; usually the number of target tokens. */
	readonly normaliser: number;
	readonly anchor?: Anchor;
}

/**
 * Holds tokens near log-probabilities that they had: adds Σ ½ · strength · (reference − log p)² to the weighted sum. The
 * loss that is reported leaves it out.
 */
export interface Anchor {
	/** [B, T-1], nats. */
	readonly reference: Float32Array;
	/** [B, T-1]; 0 on tokens that are not held. */
	readonly strength: Float32Array;
}

/** Report of one optimizer step. */
export interface StepReport {
	/** Weighted loss before the step, nats. */
	readonly loss: number;
	/** L2 norm of the gradient before clipping. */
	readonly gradientNorm: number;
	readonly learningRate: number;
	/** Tokens with a weight other than 0. */
	readonly tokens: number;
	readonly durationMs: number;
}

/** AdamW with decoupled weight decay (Loshchilov & Hutter 2019); epsilon is never left to a default. */
export interface OptimizerOptions {
	readonly beta1: number;
	readonly beta2: number;
	readonly epsilon: number;
	readonly weightDecay: number;
	/** Largest gradient norm; larger ones are scaled down. 0 is off. */
	readonly clip: number;
	/** Exponential average of the weights, e.g. 0.95; 0 is off. `adapter('average')` reads it. */
	readonly average: number;
	/** Regularisation towards reference weights; absent: off. */
	readonly pull?: PullOptions;
}

/**
 * A pull back to reference weights θ₀: strength · F · (θ − θ₀) is added to the gradient before it is clipped. F = 1 is L2-SP
 * (Li et al. 2018), the diagonal of the Fisher information is EWC (Kirkpatrick et al. 2017).
 */
export interface PullOptions {
	/** 0 is off. */
	readonly strength: number;
	/** θ₀ by parameter; by default the initial weights, saved in a state as `reference/<name>`. */
	readonly reference?: TensorMap;
	/** F by parameter, e.g. of `optimizer/fisher.ts`; by default 1 everywhere. */
	readonly importance?: ReadonlyMap<string, Float32Array>;
}

/** Settings that a recipe does not override. */
export const defaultOptimizer: OptimizerOptions = {
	beta1: 0.9,
	beta2: 0.99,
	epsilon: 1e-8,
	weightDecay: 0,
	clip: 1,
	average: 0,
};

/** A loss and its gradient at the current parameters. */
export interface LossGradients {
	/** Weighted loss, nats. */
	readonly loss: number;
	/** By parameter, in the order and of the sizes of the parameters; owned by the caller. */
	readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Exact checkpoint: parameters, optimizer state, step count. */
export interface TrainerState {
	readonly parameters: Parameters;
	readonly steps: number;
	/** Keys: `parameter/<name>`, `first/<name>`, `second/<name>`; with averaging `average/<name>`, with a pull `reference/<name>`. */
	readonly tensors: ReadonlyMap<string, Tensor>;
}

/** One set of trained parameters; concurrent calls are serialised. */
export interface Trainer {
	/** Description for people: `onnx, wasm, 2 workers`. */
	readonly description: string;
	readonly parameters: Parameters;
	/** Bytes of its memory so far: weights, factors and activations; absent if it cannot tell. */
	readonly heldBytes?: () => number;
	/** [B, T-1] log-probabilities in nats of token t+1 given tokens 0..t. */
	logprobs(batch: ScoredBatch, signal?: AbortSignal): Promise<Float32Array>;
	/**
	 * The loss and its gradient without a step: the state is unchanged. Rejects with the signal's reason when aborted, and
	 * with a `RangeError` if the normaliser is not above 0.
	 */
	gradients(batch: WeightedBatch, signal?: AbortSignal): Promise<LossGradients>;
	/** One optimizer step on the sum over micro-batches: several batches are gradient accumulation. */
	step(
		batches: WeightedBatch | readonly WeightedBatch[],
		learningRate: number,
		signal?: AbortSignal,
	): Promise<StepReport>;
	/** The weights as an adapter: as trained, or their exponential average. */
	adapter(which?: 'current' | 'average'): Adapter;
	state(): Promise<TrainerState>;
	restore(state: TrainerState): Promise<void>;
	dispose(): Promise<void>;
}

/** Opens a trainer over the same base model with other parameters or optimizer. */
export type TrainerFactory = (
	parameters: Parameters,
	optimizer: Partial<OptimizerOptions>,
	options: TrainerOptions,
) => Promise<Trainer>;

export interface TrainerOptions {
	readonly seed: number;
	readonly start?: Adapter;
	/** Share of the layers that a LoRA trains, the last ones, at least one. Default: all. */
	readonly topShare?: number;
}

/** A step without a finite loss or gradient. The state is as before the step. */
export class DivergedError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'DivergedError';
	}
}
