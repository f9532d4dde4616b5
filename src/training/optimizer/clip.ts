/** @file Gradient clipping by the norm of all gradients together. */
import type { Part } from './part.ts';

/** L2 norm over all arrays, in double precision; NaN or Infinity if any value is. */
export function globalNorm(arrays: Iterable<Float32Array>): number {
	let sum = 0;
	for (const array of arrays) for (let i = 0; i < array.length; i++) sum += (array[i] ?? 0) ** 2;
	return Math.sqrt(sum);
}

/** Factor for gradients of this norm, as in `clip_grad_norm_`; a limit of 0 is off. */
export const clipFactor = (norm: number, limit: number): number =>
	limit > 0 ? Math.min(1, limit / (norm + 1e-6)) : 1;

/** Scales gradients of a larger norm down to `maxNorm`; 0 is off. */
export const clip =
	(maxNorm: number): Part =>
	() => ({
		memories: [],
		apply: (update) => ({
			...update,
			factor: update.factor * clipFactor(update.gradientNorm, maxNorm),
		}),
	});
