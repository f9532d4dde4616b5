/** @file One-dimensional pooling of stride 1 that keeps the length, with the edges of PyTorch's `avg_pool1d` and `max_pool1d`. */

export type Pool = 'average' | 'max';

/**
 * Pools `scores` [n] over `kernel` neighbours, an odd number. At the edges an average counts zeros beyond the end
 * (`count_include_pad`), a maximum nothing.
 */
export function pooled(scores: Float64Array, kernel: number, pool: Pool): Float64Array {
	if (!Number.isInteger(kernel) || kernel < 1 || kernel % 2 === 0)
		throw new RangeError(`A pooling kernel is an odd number of tokens, not ${kernel}.`);
	const half = (kernel - 1) / 2;
	const to = new Float64Array(scores.length);
	for (let at = 0; at < scores.length; at++) {
		const end = Math.min(scores.length, at + half + 1);
		let [sum, most] = [0, -Infinity];
		for (let t = Math.max(0, at - half); t < end; t++) {
			const score = scores[t] ?? 0;
			sum += score;
			if (score > most) most = score;
		}
		to[at] = pool === 'max' ? most : sum / kernel;
	}
	return to;
}
