/**
 * @file The product that learning is made of: 6 rows by 8 columns of sums that stay in registers. Each sum is made in the
 * order of its terms, whatever else is computed, so that it does not depend on threads or on what lies beside it.
 */

/** a · b + c; the relaxed instruction rounds once where the machine can. */
export function madd(a: v128, b: v128, c: v128): v128 {
	if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
	return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * to [6, 8] = a [6, count] · b [count, 8] + z [6, rank] · b' [rank, 8], where b' goes on behind b. Strides are in bytes; what
 * is read of rows that do not exist is given, and must be dropped.
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
	let c40 = f32x4.splat(0);
	let c41 = f32x4.splat(0);
	let c50 = f32x4.splat(0);
	let c51 = f32x4.splat(0);
	for (;;) {
		let a1 = a + aRow;
		let a2 = a1 + aRow;
		let a3 = a2 + aRow;
		let a4 = a3 + aRow;
		let a5 = a4 + aRow;
		let n = count;
		if (n & 1) {
			const v0 = v128.load(b);
			const v1 = v128.load(b, 16);
			let s = v128.load32_splat(a);
			c00 = madd(s, v0, c00);
			c01 = madd(s, v1, c01);
			s = v128.load32_splat(a1);
			c10 = madd(s, v0, c10);
			c11 = madd(s, v1, c11);
			s = v128.load32_splat(a2);
			c20 = madd(s, v0, c20);
			c21 = madd(s, v1, c21);
			s = v128.load32_splat(a3);
			c30 = madd(s, v0, c30);
			c31 = madd(s, v1, c31);
			s = v128.load32_splat(a4);
			c40 = madd(s, v0, c40);
			c41 = madd(s, v1, c41);
			s = v128.load32_splat(a5);
			c50 = madd(s, v0, c50);
			c51 = madd(s, v1, c51);
			b += bStep;
			a += 4;
			a1 += 4;
			a2 += 4;
			a3 += 4;
			a4 += 4;
			a5 += 4;
			n--;
		}
		for (; n > 0; n -= 2) {
			let v0 = v128.load(b);
			let v1 = v128.load(b, 16);
			let s = v128.load32_splat(a);
			c00 = madd(s, v0, c00);
			c01 = madd(s, v1, c01);
			s = v128.load32_splat(a1);
			c10 = madd(s, v0, c10);
			c11 = madd(s, v1, c11);
			s = v128.load32_splat(a2);
			c20 = madd(s, v0, c20);
			c21 = madd(s, v1, c21);
			s = v128.load32_splat(a3);
			c30 = madd(s, v0, c30);
			c31 = madd(s, v1, c31);
			s = v128.load32_splat(a4);
			c40 = madd(s, v0, c40);
			c41 = madd(s, v1, c41);
			s = v128.load32_splat(a5);
			c50 = madd(s, v0, c50);
			c51 = madd(s, v1, c51);
			b += bStep;
			v0 = v128.load(b);
			v1 = v128.load(b, 16);
			s = v128.load32_splat(a, 4);
			c00 = madd(s, v0, c00);
			c01 = madd(s, v1, c01);
			s = v128.load32_splat(a1, 4);
			c10 = madd(s, v0, c10);
			c11 = madd(s, v1, c11);
			s = v128.load32_splat(a2, 4);
			c20 = madd(s, v0, c20);
			c21 = madd(s, v1, c21);
			s = v128.load32_splat(a3, 4);
			c30 = madd(s, v0, c30);
			c31 = madd(s, v1, c31);
			s = v128.load32_splat(a4, 4);
			c40 = madd(s, v0, c40);
			c41 = madd(s, v1, c41);
			s = v128.load32_splat(a5, 4);
			c50 = madd(s, v0, c50);
			c51 = madd(s, v1, c51);
			b += bStep;
			a += 8;
			a1 += 8;
			a2 += 8;
			a3 += 8;
			a4 += 8;
			a5 += 8;
		}
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
	v128.store(to, c40, 128);
	v128.store(to, c41, 144);
	v128.store(to, c50, 160);
	v128.store(to, c51, 176);
}

/** to [6, 8] = aᵀ · b for a [count, 6] and b [count, 8]. */
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
	let c40 = f32x4.splat(0);
	let c41 = f32x4.splat(0);
	let c50 = f32x4.splat(0);
	let c51 = f32x4.splat(0);
	for (; count > 0; count--) {
		const v0 = v128.load(b);
		const v1 = v128.load(b, 16);
		let s = v128.load32_splat(a);
		c00 = madd(s, v0, c00);
		c01 = madd(s, v1, c01);
		s = v128.load32_splat(a, 4);
		c10 = madd(s, v0, c10);
		c11 = madd(s, v1, c11);
		s = v128.load32_splat(a, 8);
		c20 = madd(s, v0, c20);
		c21 = madd(s, v1, c21);
		s = v128.load32_splat(a, 12);
		c30 = madd(s, v0, c30);
		c31 = madd(s, v1, c31);
		s = v128.load32_splat(a, 16);
		c40 = madd(s, v0, c40);
		c41 = madd(s, v1, c41);
		s = v128.load32_splat(a, 20);
		c50 = madd(s, v0, c50);
		c51 = madd(s, v1, c51);
		a += aStep;
		b += bStep;
	}
	v128.store(to, c00);
	v128.store(to, c01, 16);
	v128.store(to, c10, 32);
	v128.store(to, c11, 48);
	v128.store(to, c20, 64);
	v128.store(to, c21, 80);
	v128.store(to, c30, 96);
	v128.store(to, c31, 112);
	v128.store(to, c40, 128);
	v128.store(to, c41, 144);
	v128.store(to, c50, 160);
	v128.store(to, c51, 176);
}

/** Puts `rows` (to 6) rows of `columns` (to 8) sums of a tile where they belong, plus what lies at `from` unless it is 0. */
export function put(
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
