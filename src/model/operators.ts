/**
 * @file Operators of the transformer. Each back end implements them in its fastest way: `graph/` records differentiable
 * ONNX nodes, the tfjs trainer computes at once and tfjs differentiates.
 */

/** LoRA factors of one linear module: A [r, in], B [out, r]; the module adds scale · (x·Aᵀ)·Bᵀ. */
export interface LoraFactors<T> {
	readonly a: T;
	readonly b: T;
	readonly scale: number;
}

export interface AttentionShape {
	readonly layer: number;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly headSize: number;
	/** Radians per position of each rotated pair, [S/2]; undefined for a layer without positions. */
	readonly frequencies?: readonly number[];
}

/** B sequences of T tokens; shapes are row-major. */
export interface Operators<T> {
	/** Rows of `table` [V, D] → [B, T, D]. */
	embed(table: T, ids: T): T;
	/** x [B, T, I] · weightᵀ (weight [O, I]) + bias [O] + LoRA → [B, T, O]. */
	linear(
		x: T,
		weight: T,
		extra?: { readonly bias?: T | undefined; readonly lora?: LoraFactors<T> | undefined },
	): T;
	/** x / rms(x) · weight over the last axis. */
	rmsNorm(x: T, weight: T, epsilon: number): T;
	/** The same for each head of x [B, T, H·S] with weight [S]. */
	headNorm(x: T, weight: T, headSize: number, epsilon: number): T;
	/** Causal grouped-query attention: q [B, T, H·S], k and v [B, T, G·S] → [B, T, H·S]. */
	attention(q: T, k: T, v: T, shape: AttentionShape): T;
	/** silu(gate) · up, the gated activation of SwiGLU. */
	gatedSilu(gate: T, up: T): T;
	add(a: T, b: T): T;
}
