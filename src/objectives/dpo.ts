/**
 * @file Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290) as token weights.
 *
 *   L = −mean log σ(β·m),  m = (log π(y⁺) − log π(y⁻)) − (log πref(y⁺) − log πref(y⁻))
 *
 * ∂L/∂ log π(y⁺) = −β·σ(−β·m)/n and the opposite for y⁻, so these as weights give the exact gradient. The loss
 * a trainer then reports is Σ w·(−log p)/n, not L: L is returned here.
 */
import type { TokenBatch, WeightedBatch } from '#training/trainer.ts';

/** Settings of the preference loss. */
export interface DpoOptions {
	/** How far the policy may go from the reference; larger is nearer. */
	readonly beta: number;
	/** Part of the preferences taken to be wrong (conservative DPO); default 0. */
	readonly labelSmoothing?: number;
}

/** A batch that pushes as DPO does, and what the loss was. */
export interface Dpo {
	/** The batch to step on: rows as given, weights the coefficients, normaliser the number of pairs. */
	readonly batch: WeightedBatch;
	/** Mean DPO loss before the step. */
	readonly loss: number;
	/** β·m of each pair: implicit reward of the chosen less that of the rejected. */
	readonly margins: readonly number[];
	/** Part of the pairs whose margin is positive. */
	readonly accuracy: number;
}

/** log(1 + eˣ) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number): number => Math.exp(-softplus(-x));

/** Sum over each row of mask · log-probability ([B, T-1] both). */
export function rowLogprobs(
	batch: TokenBatch & { readonly weights: Float32Array },
	logprobs: Float32Array,
): number[] {
	const width = batch.length - 1;
	if (logprobs.length !== batch.batch * width)
		throw new RangeError(`Got ${logprobs.length} log-probabilities for ${batch.batch * width}.`);
	return Array.from({ length: batch.batch }, (_, b) => {
		let sum = 0;
		for (let i = b * width; i < (b + 1) * width; i++) {
			const w = batch.weights[i] ?? 0;
			// Padding may hold −Infinity; 0 · Infinity must not spoil the row.
			if (w !== 0) sum += w * (logprobs[i] ?? 0);
		}
		return sum;
	});
}

/**
 * Weights for one step. Rows 2i and 2i+1 of `pairs` are chosen and rejected of pair i, its weights 1 on
 * completion tokens; `policy` and `reference` are the `logprobs` of both models over it.
 */
export function dpo(
	pairs: WeightedBatch,
	policy: Float32Array,
	reference: Float32Array,
	options: DpoOptions,
): Dpo {
	const { beta, labelSmoothing = 0 } = options;
	if (pairs.batch % 2 !== 0)
		throw new RangeError(`DPO takes rows in pairs (chosen, rejected), got ${pairs.batch} rows.`);
	const now = rowLogprobs(pairs, policy);
	const then = rowLogprobs(pairs, reference);
	const width = pairs.length - 1;
	const weights = pairs.weights.slice();
	const count = pairs.batch / 2;
	const margins: number[] = [];
	let loss = 0;
	for (let i = 0; i < count; i++) {
		const gain = (row: number) => (now[row] ?? 0) - (then[row] ?? 0);
		const margin = beta * (gain(2 * i) - gain(2 * i + 1));
		margins.push(margin);
		loss += (1 - labelSmoothing) * softplus(-margin) + labelSmoothing * softplus(margin);
		const push =
			beta * ((1 - labelSmoothing) * sigmoid(-margin) - labelSmoothing * sigmoid(margin));
		for (let t = 2 * i * width; t < (2 * i + 2) * width; t++) {
			const sign = t < (2 * i + 1) * width ? 1 : -1;
			weights[t] = (weights[t] ?? 0) * push * sign;
		}
	}
	return {
		batch: { ...pairs, weights, normaliser: count },
		loss: loss / count,
		margins,
		accuracy: margins.filter((m) => m > 0).length / count,
	};
}
