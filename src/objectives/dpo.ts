/**
 * @file Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290, equation 7) as token weights.
 *
 *   L = −mean log σ(β·m),  m = (log π(y⁺) − log π(y⁻)) − (log πref(y⁺) − log πref(y⁻))
 *
 * ∂L/∂ log π(y⁺) = −β·σ(−β·m)/n and the opposite for y⁻, so these as weights give the exact gradient. Label
 * smoothing is conservative DPO (Mitchell 2023): a part of the preferences is taken to be wrong.
 */
import type { SampleBatch } from '#training/data/pack.ts';
import type { Weighed } from '#training/train.ts';
import { assertLogprobs, defineObjective, type Objective } from './objective.ts';

/** Settings of the preference loss. */
export interface DpoOptions {
	/** Strength of the implicit KL penalty; larger stays closer to the reference. */
	readonly beta: number;
	/** Fraction of the preferences assumed wrong, 0 to 0.5; default 0. */
	readonly labelSmoothing?: number;
}

/** Token weights of a step, with the margins of the pairs. */
export interface DpoWeighed extends Weighed {
	/** β·m of each pair: implicit reward of the chosen minus that of the rejected. */
	readonly margins: readonly number[];
	/** `accuracy` is the fraction of pairs with a positive margin, `margin` the mean. */
	readonly metrics: Readonly<Record<'loss' | 'margin' | 'accuracy', number>>;
}

/** log(1 + eˣ) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number): number => Math.exp(-softplus(-x));

/** Sum over the learnt tokens of each row ([B, T-1] log-probabilities in, [B] out). */
export function rowLogprobs(batch: SampleBatch, logprobs: Float32Array): number[] {
	assertLogprobs(batch, logprobs);
	const width = batch.length - 1;
	return Array.from({ length: batch.batch }, (_, b) => {
		let sum = 0;
		for (let i = b * width; i < (b + 1) * width; i++)
			// Padding may hold −Infinity; 0 · Infinity must not spoil the row.
			if (batch.mask[i] !== 0) sum += logprobs[i] ?? 0;
		return sum;
	});
}

/** Weights over a batch whose rows 2i and 2i+1 are chosen and rejected of pair i; the normaliser is the number of pairs. */
export function weighPairs(
	pairs: SampleBatch,
	policy: Float32Array,
	reference: Float32Array,
	{ beta, labelSmoothing = 0 }: DpoOptions,
): DpoWeighed {
	if (pairs.batch % 2 !== 0)
		throw new RangeError(`DPO takes rows in pairs (chosen, rejected), got ${pairs.batch} rows.`);
	const misplaced = pairs.samples.findIndex(
		({ pair }, i) => pair !== (i % 2 === 0 ? 'chosen' : 'rejected'),
	);
	if (misplaced >= 0)
		throw new RangeError(
			`DPO takes each chosen sample directly before its rejected one; row ${misplaced} is ${pairs.samples[misplaced]?.pair ?? 'neither'}.`,
		);
	const now = rowLogprobs(pairs, policy);
	const then = rowLogprobs(pairs, reference);
	const width = pairs.length - 1;
	const weights = pairs.mask.slice();
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
	const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / count;
	return {
		weights,
		normaliser: count,
		margins,
		metrics: {
			loss: loss / count,
			margin: mean(margins),
			accuracy: mean(margins.map((m) => Number(m > 0))),
		},
	};
}

export const dpo = (options: DpoOptions): Objective => ({
	name: 'dpo',
	needs: ['pairs', 'reference'],
	weigh: async (batch, ask) =>
		weighPairs(batch, await ask.policy(), await ask.reference(), options),
});

export const dpoObjective = defineObjective({
	name: 'dpo',
	about: 'prefers answers that were scored best to others of the same prompt',
	options: {
		beta: {
			kind: 'number',
			label: 'Beta',
			help: 'How strongly a preference is held against the distance from the reference; larger stays nearer.',
			default: 0.1,
			min: 1e-3,
			max: 10,
			scale: 'log',
		},
		labelSmoothing: {
			kind: 'number',
			label: 'Label smoothing',
			help: 'Part of the preferences that are taken to be wrong.',
			default: 0,
			min: 0,
			max: 0.5,
		},
	},
	create: dpo,
});
