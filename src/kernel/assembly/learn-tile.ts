/**
 * @file Micro-kernel of the training products: 4 rows by 8 columns of sums that stay in registers. Each sum adds its
 * terms in order, whatever else is computed, so results do not depend on the number of threads or on neighbouring tiles.
 *
 * Measured in Chromium and Node 20: with more rows, or two terms per loop iteration, WebAssembly compilers spill sums to
 * memory, at half the speed.
 */

/** Rows of a tile. */
export const tileRows: i32 = 4;

/** a · b + c; the relaxed instruction rounds once if the machine can. */
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
	if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
	return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * to [4, 8] = a [4, count] · b [count, 8] + z [4, rank] · b' [rank, 8], with b' directly after b; count is not 0. Strides
 * are in bytes; the caller drops sums of rows that do not exist.
 */
export function tile(
	a: usize,
	aRow: usize,
	count: i32,
	b: usize,
	bStep: usize,
	z: usize,
	zRow: usize,
	rank: i32,
	to: usize,
): void {
	let c00 = f32x4.splat(0);
	let c01 = f32x4.splat(0);
	let c10 = f32x4.splat(0);
	let c11 = f32x4.splat(0);
	let c20 = f32x4.splat(0);
	let c21 = f32x4.splat(0);
	let c30 = f32x4.splat(0);
	let c31 = f32x4.splat(0);
	for (;;) {
		const a1 = a + aRow;
		const a2 = a1 + aRow;
		const a3 = a2 + aRow;
		const end = (<usize>count) << 2;
		let k: usize = 0;
		do {
			const v0 = v128.load(b);
			const v1 = v128.load(b, 16);
			let s = v128.load32_splat(a + k);
			c00 = multiplyAdd(s, v0, c00);
			c01 = multiplyAdd(s, v1, c01);
			s = v128.load32_splat(a1 + k);
			c10 = multiplyAdd(s, v0, c10);
			c11 = multiplyAdd(s, v1, c11);
			s = v128.load32_splat(a2 + k);
			c20 = multiplyAdd(s, v0, c20);
			c21 = multiplyAdd(s, v1, c21);
			s = v128.load32_splat(a3 + k);
			c30 = multiplyAdd(s, v0, c30);
			c31 = multiplyAdd(s, v1, c31);
			b += bStep;
			k += 4;
		} while (k != end);
		if (rank == 0) break;
		a = z;
		aRow = zRow;
		count = rank;
		rank = 0;
	}
	v128.store(to, c00);
	v128.store(to, c01, 16);
	v128.store(to, c10, 32);
	v128.store(to, c11, 48);
	v128.store(to, c20, 64);
	v128.store(to, c21, 80);
	v128.store(to, c30, 96);
	v128.store(to, c31, 112);
}

/** to [4, 8] = aᵀ · b for a [count, 4] and b [count, 8]; count is not 0. */
export function tileOfColumns(
	a: usize,
	aStep: usize,
	count: i32,
	b: usize,
	bStep: usize,
	to: usize,
): void {
	let c00 = f32x4.splat(0);
	let c01 = f32x4.splat(0);
	let c10 = f32x4.splat(0);
	let c11 = f32x4.splat(0);
	let c20 = f32x4.splat(0);
	let c21 = f32x4.splat(0);
	let c30 = f32x4.splat(0);
	let c31 = f32x4.splat(0);
	do {
		const v0 = v128.load(b);
		const v1 = v128.load(b, 16);
		let s = v128.load32_splat(a);
		c00 = multiplyAdd(s, v0, c00);
		c01 = multiplyAdd(s, v1, c01);
		s = v128.load32_splat(a, 4);
		c10 = multiplyAdd(s, v0, c10);
		c11 = multiplyAdd(s, v1, c11);
		s = v128.load32_splat(a, 8);
		c20 = multiplyAdd(s, v0, c20);
		c21 = multiplyAdd(s, v1, c21);
		s = v128.load32_splat(a, 12);
		c30 = multiplyAdd(s, v0, c30);
		c31 = multiplyAdd(s, v1, c31);
		a += aStep;
		b += bStep;
	} while (--count);
	v128.store(to, c00);
	v128.store(to, c01, 16);
	v128.store(to, c10, 32);
	v128.store(to, c11, 48);
	v128.store(to, c20, 64);
	v128.store(to, c21, 80);
	v128.store(to, c30, 96);
	v128.store(to, c31, 112);
}

/** Store of `rows` (up to 4) by `columns` (up to 8) sums of a tile, added to the numbers at `from` unless it is 0. */
export function storeTile(
	sums: usize,
	rows: i32,
	columns: i32,
	to: usize,
	toRow: usize,
	from: usize,
	fromRow: usize,
): void {
	for (let i = 0; i < rows; i++, sums += 32, to += toRow) {
		if (columns >= 8) {
			let low = v128.load(sums);
			let high = v128.load(sums, 16);
			if (from) {
				low = f32x4.add(low, v128.load(from));
				high = f32x4.add(high, v128.load(from, 16));
				from += fromRow;
			}
			v128.store(to, low);
			v128.store(to, high, 16);
		} else {
			for (let j: usize = 0; j < (<usize>columns) << 2; j += 4)
				store<f32>(to + j, load<f32>(sums + j) + (from ? load<f32>(from + j) : 0));
			if (from) from += fromRow;
		}
	}
}
