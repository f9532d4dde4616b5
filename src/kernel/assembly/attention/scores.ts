/**
 * @file Attention scores of one, two or three query heads that share keys, four tokens at a time, so that a key is loaded
 * once for all of them. Each score is summed in the same order, whoever is computed beside it.
 */

/** Horizontal sums of four vectors. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
	const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
	const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
	const abHigh = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
	const cdHigh = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
	return f32x4.add(
		f32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7)),
		f32x4.add(
			v128.shuffle<i32>(abHigh, cdHigh, 0, 1, 4, 5),
			v128.shuffle<i32>(abHigh, cdHigh, 2, 3, 6, 7),
		),
	);
}

function score1(q: usize, k: usize, row: usize, by: v128, to: usize): void {
	let a = f32x4.splat(0);
	let b = f32x4.splat(0);
	let c = f32x4.splat(0);
	let d = f32x4.splat(0);
	for (const end = k + row; k < end; k += 16, q += 16) {
		const x = v128.load(q);
		a = f32x4.add(a, f32x4.mul(x, v128.load(k)));
		b = f32x4.add(b, f32x4.mul(x, v128.load(k + row)));
		c = f32x4.add(c, f32x4.mul(x, v128.load(k + 2 * row)));
		d = f32x4.add(d, f32x4.mul(x, v128.load(k + 3 * row)));
	}
	v128.store(to, f32x4.mul(sums(a, b, c, d), by));
}

function score2(q: usize, k: usize, row: usize, by: v128, to: usize, line: usize): void {
	let a0 = f32x4.splat(0);
	let b0 = f32x4.splat(0);
	let c0 = f32x4.splat(0);
	let d0 = f32x4.splat(0);
	let a1 = f32x4.splat(0);
	let b1 = f32x4.splat(0);
	let c1 = f32x4.splat(0);
	let d1 = f32x4.splat(0);
	for (const end = k + row; k < end; k += 16, q += 16) {
		const x = v128.load(q);
		const y = v128.load(q + row);
		let z = v128.load(k);
		a0 = f32x4.add(a0, f32x4.mul(x, z));
		a1 = f32x4.add(a1, f32x4.mul(y, z));
		z = v128.load(k + row);
		b0 = f32x4.add(b0, f32x4.mul(x, z));
		b1 = f32x4.add(b1, f32x4.mul(y, z));
		z = v128.load(k + 2 * row);
		c0 = f32x4.add(c0, f32x4.mul(x, z));
		c1 = f32x4.add(c1, f32x4.mul(y, z));
		z = v128.load(k + 3 * row);
		d0 = f32x4.add(d0, f32x4.mul(x, z));
		d1 = f32x4.add(d1, f32x4.mul(y, z));
	}
	v128.store(to, f32x4.mul(sums(a0, b0, c0, d0), by));
	v128.store(to + line, f32x4.mul(sums(a1, b1, c1, d1), by));
}

function score3(q: usize, k: usize, row: usize, by: v128, to: usize, line: usize): void {
	let a0 = f32x4.splat(0);
	let b0 = f32x4.splat(0);
	let c0 = f32x4.splat(0);
	let d0 = f32x4.splat(0);
	let a1 = f32x4.splat(0);
	let b1 = f32x4.splat(0);
	let c1 = f32x4.splat(0);
	let d1 = f32x4.splat(0);
	let a2 = f32x4.splat(0);
	let b2 = f32x4.splat(0);
	let c2 = f32x4.splat(0);
	let d2 = f32x4.splat(0);
	for (const end = k + row; k < end; k += 16, q += 16) {
		let z = v128.load(k);
		a0 = f32x4.add(a0, f32x4.mul(v128.load(q), z));
		a1 = f32x4.add(a1, f32x4.mul(v128.load(q + row), z));
		a2 = f32x4.add(a2, f32x4.mul(v128.load(q + 2 * row), z));
		z = v128.load(k + row);
		b0 = f32x4.add(b0, f32x4.mul(v128.load(q), z));
		b1 = f32x4.add(b1, f32x4.mul(v128.load(q + row), z));
		b2 = f32x4.add(b2, f32x4.mul(v128.load(q + 2 * row), z));
		z = v128.load(k + 2 * row);
		c0 = f32x4.add(c0, f32x4.mul(v128.load(q), z));
		c1 = f32x4.add(c1, f32x4.mul(v128.load(q + row), z));
		c2 = f32x4.add(c2, f32x4.mul(v128.load(q + 2 * row), z));
		z = v128.load(k + 3 * row);
		d0 = f32x4.add(d0, f32x4.mul(v128.load(q), z));
		d1 = f32x4.add(d1, f32x4.mul(v128.load(q + row), z));
		d2 = f32x4.add(d2, f32x4.mul(v128.load(q + 2 * row), z));
	}
	v128.store(to, f32x4.mul(sums(a0, b0, c0, d0), by));
	v128.store(to + line, f32x4.mul(sums(a1, b1, c1, d1), by));
	v128.store(to + 2 * line, f32x4.mul(sums(a2, b2, c2, d2), by));
}

/**
 * Scores q · k · by of `count` tokens, a multiple of 4, whose keys of `row` bytes are consecutive. The queries of `heads`
 * heads are consecutive too; the scores of the next head are `line` bytes on.
 */
export function scoreTokens(
	q: usize,
	heads: i32,
	k: usize,
	count: i32,
	row: usize,
	by: f32,
	to: usize,
	line: usize,
): void {
	const scale = f32x4.splat(by);
	for (const end = to + ((<usize>count) << 2); to < end; to += 16, k += 4 * row) {
		if (heads == 3) score3(q, k, row, scale, to, line);
		else if (heads == 2) score2(q, k, row, scale, to, line);
		else score1(q, k, row, scale, to);
	}
}
