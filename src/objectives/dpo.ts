/**
 * @file Direct preference optimisation (Rafailov et al. 2023, arXiv 2305.18290, equation 7) as token weights.
 *
 *   L = −mean log σ(β·m),  m = (log π(y⁺) − log π(y⁻)) − (log πref(y⁺) − log πref(y⁻))
 *
 * ∂L/∂ log π(y⁺) = −β·σ(−β·m)/n and the opposite for y⁻, so these as weights give the exact gradient. Label
 * smoothing is conservative DPO (Mitchell 2023): a part of the preferences is taken to be wrong.
 *
 * RPO (Pang et al. 2024, arXiv 2404.19733, equation 3) adds α times the negative log-likelihood of what is chosen, which
 * DPO alone lets fall where the loser falls faster. Differs: the mean over all learnt tokens of a batch instead of one over
 * each answer's own, and rows that are in no pair are learnt by it too.
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
	/** α of RPO; 0, the default, is DPO alone, which takes no rows without a partner. */
	readonly likelihood?: number;
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

/** Weights over a batch in which each chosen row stands directly before its rejected one; the normaliser is the number of pairs. */
export function weighPairs(
	pairs: SampleBatch,
	policy: Float32Array,
	reference: Float32Array,
	{ beta, labelSmoothing = 0, likelihood = 0 }: DpoOptions,
): DpoWeighed {
	const chosen = chosenRows(pairs, likelihood > 0);
	const now = rowLogprobs(pairs, policy);
	const then = rowLogprobs(pairs, reference);
	const width = pairs.length - 1;
	const weights = new Float32Array(pairs.mask.length);
	const add = (row: number, weight: number): void => {
		for (let i = row * width; i < (row + 1) * width; i++)
			weights[i] = (weights[i] ?? 0) + weight * (pairs.mask[i] ?? 0);
	};
	const margins: number[] = [];
	let loss = 0;
	for (const row of chosen) {
		const gain = (of: number) => (now[of] ?? 0) - (then[of] ?? 0);
		const margin = beta * (gain(row) - gain(row + 1));
		margins.push(margin);
		loss += (1 - labelSmoothing) * softplus(-margin) + labelSmoothing * softplus(margin);
		const push =
			beta * ((1 - labelSmoothing) * sigmoid(-margin) - labelSmoothing * sigmoid(margin));
		add(row, push);
		add(row + 1, -push);
	}
	const count = Math.max(1, chosen.length);
	let told = 0;
	if (likelihood > 0) {
		const rows = [...pairs.samples.keys()].filter((row) => pairs.samples[row]?.pair !== 'rejected');
		const tokens = Math.max(
			1,
			rows.reduce((sum, row) => sum + learnt(pairs, row), 0),
		);
		for (const row of rows) {
			add(row, (likelihood * count) / tokens);
			told -= (likelihood * (now[row] ?? 0)) / tokens;
		}
	}
	const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / count;
	return {
		weights,
		normaliser: count,
		margins,
		metrics: {
			loss: loss / count + told,
			margin: mean(margins),
			accuracy: mean(margins.map((m) => Number(m > 0))),
		},
	};
}

/** Rows of the chosen samples; others than pairs only where they are allowed. */
function chosenRows({ batch, samples }: SampleBatch, allowsTexts: boolean): readonly number[] {
	if (!allowsTexts && batch % 2 !== 0)
		throw new RangeError(`DPO takes rows in pairs (chosen, rejected), got ${batch} rows.`);
	const rows: number[] = [];
	for (let row = 0; row < batch; row++) {
		const side = samples[row]?.pair;
		if (side === undefined && allowsTexts) continue;
		if (side !== 'chosen' || samples[row + 1]?.pair !== 'rejected') {
			const at = side === 'chosen' ? row + 1 : row;
			throw new RangeError(
				`DPO takes each chosen sample directly before its rejected one; row ${at} is ${samples[at]?.pair ?? 'neither'}.`,
			);
		}
		rows.push(row++);
	}
	return rows;
}

/** Learnt tokens of a row. */
const learnt = ({ mask, length }: SampleBatch, row: number): number =>
	mask.subarray(row * (length - 1), (row + 1) * (length - 1)).filter((m) => m !== 0).length;

export const dpo = (options: DpoOptions): Objective => ({
	name: 'dpo',
	needs: ['pairs', 'reference'],
	learnsTexts: (options.likelihood ?? 0) > 0,
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
		likelihood: {
			kind: 'number',
			label: 'Likelihood',
			help: 'How much the likelihood of what is preferred counts beside the preference (RPO); above 0, what is in no pair is learnt too.',
			default: 0,
			min: 0,
			max: 10,
			step: 0.1,
		},
	},
	create: dpo,
});
