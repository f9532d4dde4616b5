/**
 * @file Weighted sum of task vectors: task arithmetic (Ilharco et al. 2022, arXiv 2212.04089), and, with weights that
 * add up to 1 on whole models, a model soup (Wortsman et al. 2022, arXiv 2203.05482).
 */

/** Σ w·v over vectors of equal length; summed in their order in F64. */
export function weightedSum(
	vectors: readonly Float32Array[],
	weights: readonly number[],
): Float32Array {
	const [first] = vectors;
	if (!first || vectors.some((vector) => vector.length !== first.length))
		throw new RangeError('Only tensors of one shape can be merged.');
	return first.map((_, i) =>
		vectors.reduce((sum, vector, k) => sum + (weights[k] ?? 0) * (vector[i] ?? 0), 0),
	);
}
