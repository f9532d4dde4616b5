/**
 * @file Weighted sums of values for one, two or three heads that share them, 16 columns at a time, so that a value is loaded
 * once for all of them. A column is summed in the order of the tokens.
 */

function weigh1(v: usize, count: i32, row: usize, weights: usize, to: usize): void {
	let a = v128.load(to);
	let b = v128.load(to, 16);
	let c = v128.load(to, 32);
	let d = v128.load(to, 48);
	for (const end = weights + ((<usize>count) << 2); weights < end; weights += 4, v += row) {
		const weight = v128.load32_splat(weights);
		a = f32x4.add(a, f32x4.mul(weight, v128.load(v)));
		b = f32x4.add(b, f32x4.mul(weight, v128.load(v, 16)));
		c = f32x4.add(c, f32x4.mul(weight, v128.load(v, 32)));
		d = f32x4.add(d, f32x4.mul(weight, v128.load(v, 48)));
	}
	v128.store(to, a);
	v128.store(to, b, 16);
	v128.store(to, c, 32);
	v128.store(to, d, 48);
}

function weigh2(
	v: usize,
	count: i32,
	row: usize,
	weights: usize,
	line: usize,
	to: usize,
	next: usize,
): void {
	let a0 = v128.load(to);
	let b0 = v128.load(to, 16);
	let c0 = v128.load(to, 32);
	let d0 = v128.load(to, 48);
	let a1 = v128.load(next);
	let b1 = v128.load(next, 16);
	let c1 = v128.load(next, 32);
	let d1 = v128.load(next, 48);
	for (const end = weights + ((<usize>count) << 2); weights < end; weights += 4, v += row) {
		const x = v128.load32_splat(weights);
		const y = v128.load32_splat(weights + line);
		let z = v128.load(v);
		a0 = f32x4.add(a0, f32x4.mul(x, z));
		a1 = f32x4.add(a1, f32x4.mul(y, z));
		z = v128.load(v, 16);
		b0 = f32x4.add(b0, f32x4.mul(x, z));
		b1 = f32x4.add(b1, f32x4.mul(y, z));
		z = v128.load(v, 32);
		c0 = f32x4.add(c0, f32x4.mul(x, z));
		c1 = f32x4.add(c1, f32x4.mul(y, z));
		z = v128.load(v, 48);
		d0 = f32x4.add(d0, f32x4.mul(x, z));
		d1 = f32x4.add(d1, f32x4.mul(y, z));
	}
	v128.store(to, a0);
	v128.store(to, b0, 16);
	v128.store(to, c0, 32);
	v128.store(to, d0, 48);
	v128.store(next, a1);
	v128.store(next, b1, 16);
	v128.store(next, c1, 32);
	v128.store(next, d1, 48);
}

/** 8 columns of three heads: 16 would not fit in the registers. */
function weigh3(
	v: usize,
	count: i32,
	row: usize,
	weights: usize,
	line: usize,
	to: usize,
	size: usize,
): void {
	let a0 = v128.load(to);
	let b0 = v128.load(to, 16);
	let a1 = v128.load(to + size);
	let b1 = v128.load(to + size, 16);
	let a2 = v128.load(to + 2 * size);
	let b2 = v128.load(to + 2 * size, 16);
	for (const end = weights + ((<usize>count) << 2); weights < end; weights += 4, v += row) {
		const x = v128.load32_splat(weights);
		const y = v128.load32_splat(weights + line);
		const w = v128.load32_splat(weights + 2 * line);
		let z = v128.load(v);
		a0 = f32x4.add(a0, f32x4.mul(x, z));
		a1 = f32x4.add(a1, f32x4.mul(y, z));
		a2 = f32x4.add(a2, f32x4.mul(w, z));
		z = v128.load(v, 16);
		b0 = f32x4.add(b0, f32x4.mul(x, z));
		b1 = f32x4.add(b1, f32x4.mul(y, z));
		b2 = f32x4.add(b2, f32x4.mul(w, z));
	}
	v128.store(to, a0);
	v128.store(to, b0, 16);
	v128.store(to + size, a1);
	v128.store(to + size, b1, 16);
	v128.store(to + 2 * size, a2);
	v128.store(to + 2 * size, b2, 16);
}

/** The last columns of a head whose size is no multiple of 16, 4 at a time. */
function weighFour(v: usize, count: i32, row: usize, weights: usize, to: usize): void {
	let a = v128.load(to);
	for (const end = weights + ((<usize>count) << 2); weights < end; weights += 4, v += row)
		a = f32x4.add(a, f32x4.mul(v128.load32_splat(weights), v128.load(v)));
	v128.store(to, a);
}

/**
 * to += weights · values of `count` tokens whose values of `row` bytes are consecutive, columns from byte `from` to `end`
 * of them. `to` [heads, row]; the weights of the next head are `line` bytes on.
 */
export function weighTokens(
	v: usize,
	count: i32,
	row: usize,
	from: usize,
	end: usize,
	heads: i32,
	weights: usize,
	line: usize,
	to: usize,
): void {
	let i = from;
	for (; i + 64 <= end; i += 64) {
		if (heads == 3) {
			weigh3(v + i, count, row, weights, line, to + i, row);
			weigh3(v + i + 32, count, row, weights, line, to + i + 32, row);
		} else if (heads == 2) weigh2(v + i, count, row, weights, line, to + i, to + i + row);
		else weigh1(v + i, count, row, weights, to + i);
	}
	for (; i < end; i += 16)
		for (let h = 0; h < heads; h++)
			weighFour(v + i, count, row, weights + <usize>h * line, to + <usize>h * row + i);
}
