/** @file Loss of rows that are not trained on: mean negative log-likelihood of the learnt tokens, row by row. */
import { pack } from './data/pack.ts';
import type { Sample } from './data/sample.ts';
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
	options: {
		readonly padToken: number;
		readonly rowsPerBatch: number;
		readonly signal?: AbortSignal | undefined;
		readonly onRow?: (done: number) => void;
	},
): Promise<readonly RowLoss[]> {
	const { padToken, rowsPerBatch, signal, onRow } = options;
	const losses: RowLoss[] = [];
	for (let from = 0; from < samples.length; from += rowsPerBatch) {
		const batch = pack(samples.slice(from, from + rowsPerBatch), { padToken });
		const logprobs = await trainer.logprobs(batch, signal);
		const width = batch.length - 1;
		for (let row = 0; row < batch.batch; row++) {
			let [sum, tokens] = [0, 0];
			for (let i = row * width; i < (row + 1) * width; i++) {
				if (batch.mask[i] !== 1) continue;
				sum -= logprobs[i] ?? 0;
				tokens++;
			}
			losses.push({ sum, tokens });
		}
		onRow?.(losses.length);
	}
	return losses;
}

/** Nats per learnt token over all rows. */
export function meanLoss(losses: readonly RowLoss[]): number {
	const tokens = losses.reduce((n, row) => n + row.tokens, 0);
	return losses.reduce((sum, row) => sum + row.sum, 0) / Math.max(1, tokens);
}
