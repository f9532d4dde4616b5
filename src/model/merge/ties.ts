/**
 * @file TIES merging (Yadav et al. 2023, arXiv 2306.01708): trim each task vector to its largest values, elect a sign for
 * each element, average the values that agree with it. The definitions, including tied values, are those of PEFT's
 * `merge_utils`.
 */

/** Keeps the ⌊density · n⌋ values that are largest in magnitude, the earlier of equal ones, and zeroes the rest. */
export function trim(vector: Float32Array, density: number): Float32Array {
	if (density >= 1) return vector;
	const kept = Math.floor(density * vector.length);
	const order = Array.from(vector.keys()).sort(
		(a, b) => Math.abs(vector[b] ?? 0) - Math.abs(vector[a] ?? 0) || a - b,
	);
	const trimmed = new Float32Array(vector.length);
	for (const i of order.slice(0, kept)) trimmed[i] = vector[i] ?? 0;
	return trimmed;
}

/**
 * For each element the mean of weight · value over the vectors whose sign is that of the sum of all. The sum is of values
 * without their weights, and 0 counts as positive, as in PEFT.
 */
export function mergeBySign(
	vectors: readonly Float32Array[],
	weights: readonly number[],
): Float32Array {
	const [first] = vectors;
	if (!first || vectors.some((vector) => vector.length !== first.length))
		throw new RangeError('Only tensors of one shape can be merged.');
	return first.map((_, i) => {
		const total = vectors.reduce((sum, vector) => sum + (vector[i] ?? 0), 0);
		const sign = total >= 0 ? 1 : -1;
		let [sum, count] = [0, 0];
		vectors.forEach((vector, k) => {
			const value = vector[i] ?? 0;
			if (Math.sign(value) !== sign) return;
			sum += (weights[k] ?? 0) * value;
			count++;
		});
		return sum / Math.max(1, count);
	});
}
