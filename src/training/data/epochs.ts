/** @file Seeded epochs over a set of samples: which of them share a step. */
import { derive, random } from '#base/random.ts';
import { pack, type SampleBatch } from './pack.ts';
import { besideRejected, type Sample } from './sample.ts';

/** Row indices of each step: every row once per epoch, in a new order; a step may span two epochs. */
export function* batchesOf(
	rows: number,
	rowsPerStep: number,
	seed: number,
): Generator<readonly number[], never> {
	if (rows < 1 || rowsPerStep < 1)
		throw new RangeError(`There must be rows to train on, got ${rows} in steps of ${rowsPerStep}.`);
	const all = Array.from({ length: rows }, (_, i) => i);
	let waiting: number[] = [];
	for (let epoch = 0; ;) {
		while (waiting.length < rowsPerStep)
			waiting = [...waiting, ...random(derive(seed, 'tune', epoch++)).shuffle(all)];
		yield waiting.slice(0, rowsPerStep);
		waiting = waiting.slice(rowsPerStep);
	}
}

export interface EpochOptions {
	readonly rowsPerStep: number;
	readonly seed: number;
	readonly padToken: number;
	/** Indices of samples that are left out of the batches of all samples; a batch without any other is skipped. */
	readonly without?: ReadonlySet<number>;
}

/**
 * The batches of a training over all samples, for `train`: one per call; a pair is one of the rows of a step. Throws a `RangeError` if none
 * is left.
 */
export function epochs(samples: readonly Sample[], options: EpochOptions): () => SampleBatch {
	const { rowsPerStep, seed, padToken, without = new Set() } = options;
	const batches = batchesOf(samples.length, Math.min(rowsPerStep, samples.length), seed);
	if (without.size > 0 && samples.every((_, i) => without.has(i)))
		throw new RangeError('All rows are left out; there must be some to train on.');
	return () => {
		let batch: readonly Sample[] = [];
		while (batch.length === 0)
			batch = batches.next().value.flatMap((i) => (without.has(i) ? [] : (samples[i] ?? [])));
		return pack(besideRejected(batch), { padToken });
	};
}

/** The batches of `rows`, each with the next of `others` after it. */
export const beside =
	(rows: () => SampleBatch, others: () => SampleBatch, padToken: number) => (): SampleBatch =>
		pack([...rows().samples, ...others().samples], { padToken });

/** Where samples first come up in the batches of a training, and how many of its steps have others. */
export function stepsWithout(
	samples: number,
	{
		rowsPerStep,
		seed,
		steps,
		without,
	}: Omit<EpochOptions, 'padToken' | 'without'> & {
		readonly steps: number;
		readonly without: ReadonlySet<number>;
	},
): { readonly first: number; readonly left: number } {
	const batches = batchesOf(samples, Math.min(rowsPerStep, samples), seed);
	let [first, left] = [steps, 0];
	for (let step = 0; step < steps; step++) {
		const batch = batches.next().value;
		if (batch.some((i) => without.has(i))) first = Math.min(first, step);
		if (batch.some((i) => !without.has(i))) left++;
	}
	return { first, left };
}
