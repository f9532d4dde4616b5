/** @file Batches of samples: padded to few lengths, split into micro-batches. */
import type { TokenBatch, WeightedBatch } from '../trainer.ts';
import type { Sample } from './sample.ts';

/** B padded samples before an objective weights them. */
export interface SampleBatch extends TokenBatch {
	/** [B, T-1]; `mask[b, t]` is 1 if token t+1 is trained on, 0 on prompt and padding. */
	readonly mask: Float32Array;
	/** [B], in the order of the rows. */
	readonly samples: readonly Sample[];
}

/** Padding of rows to one length. */
export interface PadOptions {
	readonly padToken: number;
	/** Lengths are rounded up to a multiple of this, so that graphs and shaders are reused. Default 8. */
	readonly multiple?: number;
	/** Never shorter than this, before rounding. */
	readonly minimum?: number;
}

const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/** Right-pads rows of tokens to one length. */
export function padTokens(rows: readonly (readonly number[])[], options: PadOptions): TokenBatch {
	const { padToken, multiple = 8, minimum = 2 } = options;
	if (rows.length === 0) throw new RangeError('A batch needs at least one row.');
	const longest = rows.reduce((n, row) => Math.max(n, row.length), minimum);
	const length = roundUp(longest, multiple);
	const tokens = new Int32Array(rows.length * length).fill(padToken);
	rows.forEach((row, i) => {
		tokens.set(row, i * length);
	});
	return { batch: rows.length, length, tokens };
}

/** Right-pads samples into one batch. */
export function pack(samples: readonly Sample[], options: PadOptions): SampleBatch {
	const padded = padTokens(
		samples.map((sample) => sample.tokens),
		options,
	);
	return { ...padded, samples, mask: spread({ ...padded, samples }, ({ mask }) => mask) };
}

/**
 * A value of each token as [B, T-1], with token t+1 at index t: one number for all tokens of a sample, or its [T]
 * numbers. Padding is 0.
 */
export function spread(
	{ batch, length, samples }: Omit<SampleBatch, 'mask'>,
	valueOf: (sample: Sample, row: number) => number | readonly number[] | Float32Array,
): Float32Array {
	const width = length - 1;
	const values = new Float32Array(batch * width);
	samples.forEach((sample, row) => {
		const value = valueOf(sample, row);
		const end = sample.tokens.length - 1;
		if (typeof value === 'number') values.fill(value, row * width, row * width + end);
		else if (value.length === sample.tokens.length) values.set(value.slice(1), row * width);
		else
			throw new RangeError(
				`Row ${row} has ${value.length} values for ${sample.tokens.length} tokens; it needs one for each.`,
			);
	});
	return values;
}

/** Tokens of each row up to the last weighted or anchored one (at least 2, since one alone predicts nothing). */
export const weightedLengths = (
	batch: Pick<WeightedBatch, 'batch' | 'length' | 'weights' | 'anchor'>,
): readonly number[] =>
	Array.from({ length: batch.batch }, (_, row) => {
		const perRow = batch.length - 1;
		const isCounted = (at: number): boolean =>
			batch.weights[at] !== 0 || (batch.anchor?.strength[at] ?? 0) !== 0;
		let last = perRow;
		while (last > 1 && !isCounted(row * perRow + last - 1)) last--;
		return last + 1;
	});

/** Number of tokens with a weight other than 0. */
export function countTokens({ weights }: { readonly weights: Float32Array }): number {
	let n = 0;
	for (const w of weights) if (w !== 0) n++;
	return n;
}

/**
 * The same step in micro-batches of at most `rows` rows. The normaliser is split in proportion to rows; a trainer divides
 * by the sum of its batches' normalisers, so the gradient is that of the whole batch.
 */
export function splitBatch(batch: WeightedBatch, rows: number): WeightedBatch[] {
	if (!(rows >= 1)) throw new RangeError(`A micro-batch needs at least one row, got ${rows}.`);
	const pieces: WeightedBatch[] = [];
	for (let from = 0; from < batch.batch; from += rows) {
		const count = Math.min(rows, batch.batch - from);
		const weights = batch.length - 1;
		pieces.push({
			batch: count,
			length: batch.length,
			tokens: batch.tokens.slice(from * batch.length, (from + count) * batch.length),
			weights: batch.weights.slice(from * weights, (from + count) * weights),
			normaliser: (batch.normaliser * count) / batch.batch,
		});
	}
	return pieces;
}

/**
 * The same step as a short and a long micro-batch, if that saves a tenth of the padded tokens or more: for back ends that
 * compute every padded token. Lengths stay multiples of 8, so that shaders are reused.
 */
export function splitByLength(batch: WeightedBatch): readonly WeightedBatch[] {
	const lengths = weightedLengths(batch).map((n) => Math.min(batch.length, roundUp(n, 8)));
	const order = [...lengths.keys()].sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0) || a - b);
	const at = (place: number): number => lengths[order[place] ?? 0] ?? 0;
	const longest = at(order.length - 1);
	let best = { cut: 0, cost: 0.9 * longest * order.length };
	for (let cut = 1; cut < order.length; cut++) {
		const cost = at(cut - 1) * cut + longest * (order.length - cut);
		if (cost < best.cost) best = { cut, cost };
	}
	return [order.slice(0, best.cut), order.slice(best.cut)]
		.filter((rows) => rows.length > 0)
		.map((rows) => takeRows(batch, rows, Math.max(...rows.map((row) => lengths[row] ?? 0))));
}

/** These rows, cut to `length` tokens, with their share of the normaliser. */
function takeRows(batch: WeightedBatch, rows: readonly number[], length: number): WeightedBatch {
	const tokens = new Int32Array(rows.length * length);
	const weights = new Float32Array(rows.length * (length - 1));
	rows.forEach((row, i) => {
		const from = row * batch.length;
		tokens.set(batch.tokens.subarray(from, from + length), i * length);
		const first = row * (batch.length - 1);
		weights.set(batch.weights.subarray(first, first + length - 1), i * (length - 1));
	});
	const normaliser = (batch.normaliser * rows.length) / batch.batch;
	return { batch: rows.length, length, tokens, weights, normaliser };
}
