/**
 * @file Objective of a person's rows: pairs are learnt by DPO, all other rows by supervision, and a batch that holds both
 * by the sum of the two losses (as RPO adds them, Pang et al. 2024, arXiv 2404.19733).
 */
import { dpo, weighPairs } from '#objectives/dpo.ts';
import { weightedLoss } from '#objectives/objective.ts';
import { supervise, supervised } from '#objectives/supervised.ts';
import { spread, type SampleBatch } from '#training/data/pack.ts';
import { besideRejected, type Sample } from '#training/data/sample.ts';
import type { Weigher } from '#training/train.ts';
import type { Trainer } from '#training/trainer.ts';
import { scoreSamples } from '#training/score.ts';
import { meanLoss, type RowLoss } from '#training/validate.ts';

/** Strength of the pull to the model as it was, as in TRL. */
export const beta = 0.1;

export type RowObjective = 'supervised' | 'dpo' | 'both';

/** What rows of these samples are learnt by. */
export function objectiveOf(samples: readonly Sample[]): RowObjective {
	const pairs = samples.filter(({ rejected }) => rejected !== undefined).length;
	if (pairs === 0) return 'supervised';
	return pairs === samples.length ? 'dpo' : 'both';
}

/** Token log-probabilities of each sample of a pair, or replayed, under the model as it was, [T] nats; 0 where nothing is learnt. */
export type Reference = ReadonlyMap<Sample, Float32Array>;

/** The reference of all pairs and replayed texts, from a trainer before its first step; rejects when aborted. */
export async function referenceOf(
	trainer: Pick<Trainer, 'logprobs'>,
	samples: readonly Sample[],
	{ padToken, rowsPerBatch }: { readonly padToken: number; readonly rowsPerBatch: number },
	signal: AbortSignal,
): Promise<Reference> {
	const paired = samples.filter((one) => one.rejected !== undefined || one.isReplayed);
	const flat = besideRejected(paired);
	const scored = await scoreSamples(trainer, flat, { padToken, rowsPerBatch, signal });
	return new Map(flat.map((sample, i) => [sample, scored[i] ?? new Float32Array()]));
}

/** Weighs batches whose pairs stand side by side. */
export const rowObjective: Weigher = {
	weigh: async (batch, ask) => {
		const rows = [...batch.samples.keys()];
		const isPair = (row: number): boolean => batch.samples[row]?.pair !== undefined;
		const [pairs, plain] = [rows.filter(isPair), rows.filter((row) => !isPair(row))];
		if (pairs.length === 0) return supervised.weigh(batch, ask);
		if (plain.length === 0) return dpo({ beta }).weigh(batch, ask);
		const [policy, reference] = [await ask.policy(), await ask.reference()];
		const width = batch.length - 1;
		const preferred = weighPairs(
			takeRows(batch, pairs),
			cells(policy, pairs, width),
			cells(reference, pairs, width),
			{ beta },
		);
		const told = supervise(takeRows(batch, plain));
		const weights = new Float32Array(batch.mask.length);
		const put = (some: readonly number[], from: Float32Array, by: number): void => {
			some.forEach((row, i) => {
				for (let t = 0; t < width; t++) weights[row * width + t] = (from[i * width + t] ?? 0) / by;
			});
		};
		put(pairs, preferred.weights, preferred.normaliser);
		put(plain, told.weights, told.normaliser);
		const { loss, margin, accuracy } = preferred.metrics;
		const both = loss + weightedLoss(told, cells(policy, plain, width));
		return { weights, normaliser: 1, metrics: { loss: both, margin, accuracy } };
	},
};

/** The reference over a batch, [B, T-1]. */
export const referenceFor =
	(reference: Reference) =>
	(batch: SampleBatch): Promise<Float32Array> =>
		Promise.resolve(spread(batch, (sample) => reference.get(sample) ?? 0));

const cells = (from: Float32Array, rows: readonly number[], width: number): Float32Array =>
	Float32Array.from(rows.flatMap((row) => [...from.subarray(row * width, (row + 1) * width)]));

function takeRows(batch: SampleBatch, rows: readonly number[]): SampleBatch {
	const { length, tokens, mask, samples } = batch;
	return {
		batch: rows.length,
		length,
		tokens: Int32Array.from(
			rows.flatMap((row) => [...tokens.subarray(row * length, (row + 1) * length)]),
		),
		mask: cells(mask, rows, length - 1),
		samples: rows.flatMap((row) => samples[row] ?? []),
	};
}

/** The loss of rows that are not trained on; `losses` are those of `besideRejected(samples)`. */
export function heldBackLoss(
	samples: readonly Sample[],
	losses: readonly RowLoss[],
	reference: Reference,
): number {
	const flat = besideRejected(samples);
	const plain = losses.filter((_, i) => flat[i]?.pair === undefined);
	const gain = (i: number): number => {
		const then = (flat[i] && reference.get(flat[i]))?.reduce((sum, one) => sum + one, 0) ?? 0;
		return -(losses[i]?.sum ?? 0) - then;
	};
	const margins = flat.flatMap(({ pair }, i) =>
		pair === 'chosen' ? [beta * (gain(i) - gain(i + 1))] : [],
	);
	const preferred =
		margins.reduce(
			(sum, margin) => sum + Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))),
			0,
		) / Math.max(1, margins.length);
	return (plain.length > 0 ? meanLoss(plain) : 0) + preferred;
}
