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

/** The batches of a training over all samples, for `train`: one per call; a pair is one of the rows of a step. */
export function epochs(
	samples: readonly Sample[],
	options: { readonly rowsPerStep: number; readonly seed: number; readonly padToken: number },
): () => SampleBatch {
	const { rowsPerStep, seed, padToken } = options;
	const batches = batchesOf(samples.length, Math.min(rowsPerStep, samples.length), seed);
	return () =>
		pack(besideRejected(batches.next().value.flatMap((i) => samples[i] ?? [])), { padToken });
}
