/**
 * @file Attention scores over 8-bit keys as whole numbers: queries in 16 bits, exact sums in 32 bits, two tokens at a time
 * for one, two or three heads that share keys. Sums of whole numbers are the same in any order, on any machine.
 */
import { byteRow } from './packed';

/** Largest whole number of a query; 512 products with 8 bits stay below 2^31. */
const most: f32 = 32767;

/**
 * Quantises the queries of `heads` heads [heads, size] to 16 bits, interleaved [size / 8, heads, 8]. `factors` [heads] are
 * what a sum times the scale of a key is multiplied by.
 */
export function quantiseQueries(
	q: usize,
	heads: i32,
	size: i32,
	by: f32,
	to: usize,
	factors: usize,
): void {
	const line = (<usize>size) << 2;
	const step = (<usize>heads) << 4;
	for (let h: usize = 0; h < <usize>heads; h++, q += line) {
		let largest = f32x4.splat(0);
		for (let i: usize = 0; i < line; i += 16)
			largest = f32x4.max(largest, f32x4.abs(v128.load(q + i)));
		const top = max(
			max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
			max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
		);
		store<f32>(factors + (h << 2), (top / most) * by);
		const inverse = f32x4.splat(top > 0 ? most / top : 0);
		for (let i: usize = 0, at = to + (h << 4); i < line; i += 32, at += step)
			v128.store(at, i16x8.narrow_i32x4_s(whole(q + i, inverse), whole(q + i + 16, inverse)));
	}
}

function whole(at: usize, by: v128): v128 {
	return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at), by)));
}

/** sum + products of neighbours. */
function add(sum: v128, x: v128, y: v128): v128 {
	return i32x4.add(sum, i32x4.dot_i16x8_s(x, y));
}

/** [Σa, Σb, Σc, Σd] */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
	const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
	const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
	return i32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3));
}

/** Scales of the keys at `k` and `next`, twice. */
function scalesOf(k: usize, next: usize): v128 {
	const both = v128.load32_lane(next, v128.load32_zero(k), 1);
	return v128.shuffle<i64>(both, both, 0, 0);
}

function scored(sums: v128, scales: v128, by: v128): v128 {
	return f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(sums), scales), by);
}

/** Factors of two heads, each twice. */
function twice(factors: usize): v128 {
	const both = v128.load64_zero(factors);
	return v128.shuffle<i32>(both, both, 0, 0, 1, 1);
}

function pair1(q: usize, k: usize, next: usize, size: usize, factors: usize, to: usize): void {
	let a = i32x4.splat(0);
	let b = i32x4.splat(0);
	const scales = scalesOf(k, next);
	for (const end = k + size; k < end; k += 8, next += 8, q += 16) {
		const x = v128.load(q);
		a = add(a, x, v128.load_ext<i8>(k, 4));
		b = add(b, x, v128.load_ext<i8>(next, 4));
	}
	v128.store64_lane(to, scored(sums(a, b, a, b), scales, v128.load32_splat(factors)), 0);
}

function pair2(
	q: usize,
	k: usize,
	next: usize,
	size: usize,
	factors: usize,
	to: usize,
	line: usize,
): void {
	let a0 = i32x4.splat(0);
	let b0 = i32x4.splat(0);
	let a1 = i32x4.splat(0);
	let b1 = i32x4.splat(0);
	const scales = scalesOf(k, next);
	for (const end = k + size; k < end; k += 8, next += 8, q += 32) {
		const x = v128.load_ext<i8>(k, 4);
		const y = v128.load_ext<i8>(next, 4);
		let z = v128.load(q);
		a0 = add(a0, z, x);
		b0 = add(b0, z, y);
		z = v128.load(q, 16);
		a1 = add(a1, z, x);
		b1 = add(b1, z, y);
	}
	const both = scored(sums(a0, b0, a1, b1), scales, twice(factors));
	v128.store64_lane(to, both, 0);
	v128.store64_lane(to + line, both, 1);
}

function pair3(
	q: usize,
	k: usize,
	next: usize,
	size: usize,
	factors: usize,
	to: usize,
	line: usize,
): void {
	let a0 = i32x4.splat(0);
	let b0 = i32x4.splat(0);
	let a1 = i32x4.splat(0);
	let b1 = i32x4.splat(0);
	let a2 = i32x4.splat(0);
	let b2 = i32x4.splat(0);
	const scales = scalesOf(k, next);
	for (const end = k + size; k < end; k += 8, next += 8, q += 48) {
		const x = v128.load_ext<i8>(k, 4);
		const y = v128.load_ext<i8>(next, 4);
		let z = v128.load(q);
		a0 = add(a0, z, x);
		b0 = add(b0, z, y);
		z = v128.load(q, 16);
		a1 = add(a1, z, x);
		b1 = add(b1, z, y);
		z = v128.load(q, 32);
		a2 = add(a2, z, x);
		b2 = add(b2, z, y);
	}
	const both = scored(sums(a0, b0, a1, b1), scales, twice(factors));
	v128.store64_lane(to, both, 0);
	v128.store64_lane(to + line, both, 1);
	const last = scored(sums(a2, b2, a2, b2), scales, v128.load32_splat(factors, 8));
	v128.store64_lane(to + 2 * line, last, 0);
}

/**
 * Scores of `count` tokens, an even number, whose packed keys are consecutive, for `heads` heads with queries and factors of
 * `quantiseQueries`. The scores of the next head are `line` bytes on. Of the packed values at `values`, which are read next,
 * each cache line is touched meanwhile.
 */
export function scoreEight(
	q: usize,
	heads: i32,
	k: usize,
	count: i32,
	size: i32,
	factors: usize,
	to: usize,
	line: usize,
	values: usize,
): void {
	const row = byteRow(size);
	const columns = <usize>size;
	for (const end = to + ((<usize>count) << 2); to < end; to += 8, k += 2 * row, values += 2 * row) {
		for (let at: usize = 0; at < 2 * row; at += 64) load<i32>(values + at);
		if (heads == 3) pair3(q, k, k + row, columns, factors, to, line);
		else if (heads == 2) pair2(q, k, k + row, columns, factors, to, line);
		else pair1(q, k, k + row, columns, factors, to);
	}
}
