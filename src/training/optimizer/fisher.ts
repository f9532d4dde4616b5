/** @file Diagonal of the empirical Fisher information: the sensitivity of a loss to each parameter. */
import type { PullOptions, Trainer, WeightedBatch } from '../trainer.ts';

/**
 * The mean over batches of the squared gradient, by parameter; batches of one row give the estimate of EWC (Kirkpatrick
 * et al. 2017). The trainer is unchanged. Rejects with the signal's reason, and with a `RangeError` without batches.
 */
export async function fisher(
	trainer: Pick<Trainer, 'gradients'>,
	batches: readonly WeightedBatch[],
	signal?: AbortSignal,
): Promise<NonNullable<PullOptions['importance']>> {
	if (batches.length === 0) throw new RangeError('Fisher information needs at least one batch.');
	const sums = new Map<string, Float64Array>();
	for (const batch of batches) {
		const { gradients } = await trainer.gradients(batch, signal);
		for (const [name, gradient] of gradients) {
			const sum = sums.get(name) ?? new Float64Array(gradient.length);
			for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (gradient[i] ?? 0) ** 2;
			sums.set(name, sum);
		}
	}
	return new Map(
		[...sums].map(([name, sum]) => [name, Float32Array.from(sum, (v) => v / batches.length)]),
	);
}
