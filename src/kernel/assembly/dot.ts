/**
 * @file Integer dot products: 16 int8 activations with 16 unsigned 4-bit weights, neighbours summed to 8 int16.
 *
 * One instruction with relaxed SIMD; otherwise five with the same result.
 */

/**
 * Pairwise dot product. a: int8 from −127 to 127; w: 0 to 15, inside the 7 bits for which the relaxed instruction is
 * exact everywhere.
 */
export function dot(a: v128, w: v128): v128 {
	if (ASC_FEATURE_RELAXED_SIMD) return i16x8.relaxed_dot_i8x16_i7x16_s(a, w);
	const low = i16x8.extmul_low_i8x16_s(a, w);
	const high = i16x8.extmul_high_i8x16_s(a, w);
	return i16x8.add(
		v128.shuffle<i16>(low, high, 0, 2, 4, 6, 8, 10, 12, 14),
		v128.shuffle<i16>(low, high, 1, 3, 5, 7, 9, 11, 13, 15),
	);
}

/** acc + dot(a, w): eight sums of at most 2 · 127 · 15 stay below 2^15. */
export function dotAdd(acc: v128, a: v128, w: v128): v128 {
	return i16x8.add(acc, dot(a, w));
}

/** Horizontal sum of four numbers. */
export function sum(x: v128): f32 {
	return (
		f32x4.extract_lane(x, 0) +
		f32x4.extract_lane(x, 1) +
		(f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
	);
}
