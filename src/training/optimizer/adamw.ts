/**
 * @file AdamW (Loshchilov & Hutter 2019, decoupled weight decay) over plain arrays, and as a part of an optimizer.
 *
 * Follows `torch.optim.AdamW` term by term: decay first, then moments, then the bias-corrected step with epsilon outside
 * the square root. Sums are in double precision and rounded to F32 once per stored value.
 */
import { zeros } from '#model/tensor.ts';
import type { OptimizerOptions } from '../trainer.ts';
import { entry, type Part } from './part.ts';

/** Settings of one AdamW update. */
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
export function updateAdamW(
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

/** Moves the parameters; the moments are saved as `first/<parameter>` and `second/<parameter>`. */
export const adamw =
	({
		beta1,
		beta2,
		epsilon,
		weightDecay,
	}: Pick<OptimizerOptions, 'beta1' | 'beta2' | 'epsilon' | 'weightDecay'>): Part =>
	(start) => {
		const moments = () => new Map([...start].map(([name, { shape }]) => [name, zeros(shape)]));
		const [first, second] = [moments(), moments()];
		return {
			memories: [
				{ kind: 'first', tensors: first, missing: 'refused' },
				{ kind: 'second', tensors: second, missing: 'refused' },
			],
			apply(update) {
				const { step, learningRate, factor, normaliser } = update;
				const gradientScale = factor / normaliser;
				for (const [name, { shape, data }] of update.parameters) {
					const gradient = entry(update.gradients, name, 'gradient');
					const [m, v] = [entry(first, name, 'moments').data, entry(second, name, 'moments').data];
					updateAdamW(data, gradient, m, v, step, {
						...{ learningRate, beta1, beta2, epsilon, gradientScale },
						// Norm weights and biases are vectors; decay would pull a norm towards 0.
						weightDecay: shape.length > 1 ? weightDecay : 0,
					});
				}
				return update;
			},
		};
	};
