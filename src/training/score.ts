/** @file Log-probabilities of samples under the present weights, a few rows at a time. */
import { pack } from './data/pack.ts';
import type { Sample } from './data/sample.ts';
import type { Trainer } from './trainer.ts';

export interface ScoreOptions {
	readonly padToken: number;
	readonly rowsPerBatch: number;
	readonly signal?: AbortSignal | undefined;
	/** Rows scored so far. */
	readonly onRow?: (done: number) => void;
}

/** Of each sample [T] nats, 0 on tokens that are not trained on; rejects with the signal's reason when aborted. */
export async function scoreSamples(
	trainer: Pick<Trainer, 'logprobs'>,
	samples: readonly Sample[],
	{ padToken, rowsPerBatch, signal, onRow }: ScoreOptions,
): Promise<readonly Float32Array[]> {
	const scored: Float32Array[] = [];
	for (let from = 0; from < samples.length; from += rowsPerBatch) {
		const batch = pack(samples.slice(from, from + rowsPerBatch), { padToken });
		const logprobs = await trainer.logprobs(batch, signal);
		signal?.throwIfAborted();
		const width = batch.length - 1;
		batch.samples.forEach(({ tokens, mask }, row) =>
			scored.push(
				Float32Array.from(tokens, (_, t) =>
					t > 0 && mask[t] === 1 ? (logprobs[row * width + t - 1] ?? 0) : 0,
				),
			),
		);
		onRow?.(scored.length);
	}
	return scored;
}
