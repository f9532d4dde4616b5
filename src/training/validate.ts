/** @file Loss of rows that are not trained on: mean negative log-likelihood of the learnt tokens, row by row. */
import type { Sample } from './data/sample.ts';
import { scoreSamples, type ScoreOptions } from './score.ts';
import type { Trainer } from './trainer.ts';

/** One row's loss under the present weights. */
export interface RowLoss {
	/** Sum over the row's learnt tokens, nats. */
	readonly sum: number;
	readonly tokens: number;
}

/** Losses in the order of the samples; rejects with the signal's reason when aborted. */
export async function rowLosses(
	trainer: Pick<Trainer, 'logprobs'>,
	samples: readonly Sample[],
	options: ScoreOptions,
): Promise<readonly RowLoss[]> {
	const scored = await scoreSamples(trainer, samples, options);
	return scored.map((logprobs, i) => ({
		sum: -logprobs.reduce((sum, one) => sum + one, 0),
		// The first token is predicted by nothing.
		tokens: samples[i]?.mask.filter((m, t) => t > 0 && m === 1).length ?? 0,
	}));
}

/** Nats per learnt token over all rows. */
export function meanLoss(losses: readonly RowLoss[]): number {
	const tokens = losses.reduce((n, row) => n + row.tokens, 0);
	return losses.reduce((sum, row) => sum + row.sum, 0) / Math.max(1, tokens);
}
