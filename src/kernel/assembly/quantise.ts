/** @file Quantisation of an activation row to 8 bits per block of 32: x ≈ scale · q, |q| ≤ 127. */

/** Also stores scale · Σq of each block, the factor of the weights' offsets. */
export function quantise(x: usize, blocks: i32, quants: usize, scales: usize, sums: usize): void {
	for (let b = 0; b < blocks; b++) {
		const from = x + ((<usize>b) << 7);
		let most = f32x4.abs(v128.load(from));
		for (let i: usize = 16; i < 128; i += 16)
			most = f32x4.max(most, f32x4.abs(v128.load(from + i)));
		const largest = max(
			max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
			max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
		);
		const inverse = f32x4.splat(largest > 0 ? <f32>127 / largest : 0);
		const to = quants + ((<usize>b) << 5);
		let sum = i32x4.splat(0);
		for (let half: usize = 0; half < 2; half++) {
			const at = from + (half << 6);
			const low = i16x8.narrow_i32x4_s(roundToInt(at, inverse), roundToInt(at + 16, inverse));
			const high = i16x8.narrow_i32x4_s(roundToInt(at + 32, inverse), roundToInt(at + 48, inverse));
			sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_s(i16x8.add(low, high)));
			v128.store(to + (half << 4), i8x16.narrow_i16x8_s(low, high));
		}
		const total =
			i32x4.extract_lane(sum, 0) +
			i32x4.extract_lane(sum, 1) +
			i32x4.extract_lane(sum, 2) +
			i32x4.extract_lane(sum, 3);
		const scale = largest / 127;
		store<f32>(scales + ((<usize>b) << 2), scale);
		store<f32>(sums + ((<usize>b) << 2), scale * <f32>total);
	}
}

function roundToInt(at: usize, inverse: v128): v128 {
	return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at), inverse)));
}
