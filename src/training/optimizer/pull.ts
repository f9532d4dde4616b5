/**
 * @file Regularisation towards reference weights θ₀: adds the gradient of strength / 2 · Σ Fᵢ (θᵢ − θ₀ᵢ)² to that of the
 * loss.
 *
 * With F = 1 this is L2-SP (Li et al. 2018, "Explicit Inductive Bias for Transfer Learning"); with the diagonal of the
 * Fisher information it is EWC (Kirkpatrick et al. 2017).
 */
import { cloneTensors } from '#model/tensor.ts';
import type { PullOptions } from '../trainer.ts';
import { globalNorm } from './clip.ts';
import { requireFinite } from './diverged.ts';
import { entry, type Part } from './part.ts';

/** Adds the pull to the gradient, before clipping. Throws a `DivergedError` if the sum is not finite. */
export const pullTo =
	({ strength, reference, importance }: PullOptions): Part =>
	(start) => {
		if (!Number.isFinite(strength) || strength < 0)
			throw new RangeError(`The strength of the pull must be 0 or more, got ${strength}.`);
		if (strength === 0) return { memories: [], apply: (update) => update };
		const tensors = reference ? new Map(reference) : cloneTensors(start);
		for (const [name, { data }] of start)
			for (const [what, values] of [
				['reference', entry(tensors, name, 'reference weights').data],
				...(importance ? [['importance', entry(importance, name, 'importance')] as const] : []),
			] as const)
				if (values.length !== data.length)
					throw new RangeError(
						`The ${what} of ${name} has ${values.length} values for ${data.length} parameters; they must match.`,
					);
		return {
			memories: reference ? [] : [{ kind: 'reference', tensors, missing: 'parameters' }],
			apply(update) {
				const gradients = new Map<string, Float32Array>();
				// Gradients are sums, so the pull is multiplied by the normaliser that later divides it.
				const by = strength * update.normaliser;
				for (const [name, { data }] of update.parameters) {
					const gradient = entry(update.gradients, name, 'gradient');
					const to = entry(tensors, name, 'reference weights').data;
					const weights = importance?.get(name);
					gradients.set(
						name,
						gradient.map(
							(g, i) =>
								g + by * (weights ? (weights[i] ?? 0) : 1) * ((data[i] ?? 0) - (to[i] ?? 0)),
						),
					);
				}
				const gradientNorm = globalNorm(gradients.values()) / update.normaliser;
				requireFinite(update.step, update.loss, gradientNorm);
				return { ...update, gradients, gradientNorm };
			},
		};
	};
