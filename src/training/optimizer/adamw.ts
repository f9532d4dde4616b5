/**
 * @file AdamW (Loshchilov & Hutter 2019, decoupled weight decay) as a function over plain arrays.
 *
 * Follows `torch.optim.AdamW` term by term: decay first, then moments, then the bias-corrected step with epsilon
 * outside the square root. Sums are made in double precision and rounded to F32 once per stored value.
 */

/** What one AdamW update needs to know besides the arrays. */
export interface AdamWOptions {
	readonly learningRate: number;
	readonly beta1: number;
	readonly beta2: number;
	readonly epsilon: number;
	readonly weightDecay: number;
	/** Multiplies each gradient before use: 1 / normaliser and the clipping factor in one. */
	readonly gradientScale?: number;
}

/** Updates one parameter and its two moments in place; `step` counts from 1. */
export function adamw(
	parameter: Float32Array,
	gradient: Float32Array,
	first: Float32Array,
	second: Float32Array,
	step: number,
	options: AdamWOptions,
): void {
	const { learningRate, beta1, beta2, epsilon, weightDecay, gradientScale = 1 } = options;
	if (gradient.length !== parameter.length)
		throw new RangeError(
			`adamw: ${gradient.length} gradients for ${parameter.length} parameters; they must match.`,
		);
	const keep = 1 - learningRate * weightDecay;
	const stepSize = learningRate / (1 - beta1 ** step);
	const secondScale = 1 / Math.sqrt(1 - beta2 ** step);
	for (let i = 0; i < parameter.length; i++) {
		const g = (gradient[i] ?? 0) * gradientScale;
		const m = beta1 * (first[i] ?? 0) + (1 - beta1) * g;
		const v = beta2 * (second[i] ?? 0) + (1 - beta2) * g * g;
		first[i] = m;
		second[i] = v;
		parameter[i] =
			(parameter[i] ?? 0) * keep - (stepSize * m) / (Math.sqrt(v) * secondScale + epsilon);
	}
}
