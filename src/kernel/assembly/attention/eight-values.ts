/**
 * @file Weighted sums of 8-bit values as whole numbers, for one, two or three heads that share them: weights times the scales
 * of the values in 15 bits, and only of tokens with a weight that is not 0 for all heads. A chunk of tokens is summed exactly
 * in 32 bits, chunks in F32 in their order.
 */
import { pageTokens } from '../layout/blocks';
import { byteRow } from './packed';
import { slotAt } from './pages';

/** Largest whole number of a weight, and tokens of a chunk: 256 products with 8 bits stay below 2^31. */
const most: f32 = 32767;
const chunk: i32 = 256;
/** F32 whose last bits are the nearest whole number after it was added. */
const rounder: f32 = 12582912;
/** Bytes of the list of a chunk, and of the weights of one head: what is written of two pairs that are not kept counts. */
const listBytes: usize = 520;
const weightBytes: usize = 520;

/**
 * Weights of a row of `softmax` become whole numbers: times the scales of the values, so that the largest is 32767. The factor
 * of the row is changed to that of its sums.
 */
export function roundWeights(
	weights: usize,
	line: usize,
	seen: i32,
	pages: usize,
	values: i32,
	size: i32,
): void {
	const row = byteRow(size);
	for (let t = seen; t & 3; t++) store<f32>(weights + ((<usize>t) << 2), 0);
	let largest = f32x4.splat(0);
	for (let t = 0; t < seen; t += pageTokens) {
		let v = slotAt(pages, t, values, row);
		let at = weights + ((<usize>t) << 2);
		for (const end = at + ((<usize>min(seen - t, pageTokens)) << 2); at < end; at += 16) {
			let scales = v128.load32_zero(v);
			scales = v128.load32_lane(v + row, scales, 1);
			scales = v128.load32_lane(v + 2 * row, scales, 2);
			scales = v128.load32_lane(v + 3 * row, scales, 3);
			const weight = f32x4.mul(v128.load(at), scales);
			v128.store(at, weight);
			// Slots after the last have no weight, whatever stands in them.
			largest = f32x4.pmax(largest, weight);
			v += 4 * row;
		}
	}
	const top = max(
		max(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
		max(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
	);
	const by = f32x4.splat(top > 0 ? most / top : 0);
	const bits = f32x4.splat(rounder);
	let to = weights;
	for (let at = weights, end = weights + ((<usize>seen) << 2); at < end; at += 16, to += 8) {
		const whole = i32x4.sub(f32x4.add(f32x4.mul(v128.load(at), by), bits), bits);
		v128.store64_lane(to, i16x8.narrow_i32x4_s(whole, whole), 0);
	}
	const factor = weights + line - 4;
	store<f32>(factor, load<f32>(factor) * (top / most));
}

/**
 * Addresses of the pairs of tokens from `from` to `to`, of fours of which one has a weight, and behind them the weights of each
 * head. Returns the number of pairs.
 */
function gather(
	pages: usize,
	values: i32,
	from: i32,
	to: i32,
	row: usize,
	heads: i32,
	weights: usize,
	line: usize,
	list: usize,
): usize {
	const first = list + listBytes;
	// Rows of heads that are absent are those of the first.
	const second: usize = heads > 1 ? line : 0;
	const third: usize = heads > 2 ? 2 * line : 0;
	let n: usize = 0;
	for (let t = from; t < to; t += pageTokens) {
		let v = slotAt(pages, t, values, row) + 4;
		let at = weights + ((<usize>t) << 1);
		for (
			const end = at + ((<usize>min(to - t, pageTokens)) << 1);
			at < end;
			at += 8, v += 4 * row
		) {
			const a = load<u64>(at);
			const b = load<u64>(at + second);
			const c = load<u64>(at + third);
			store<u32>(list + (n << 2), <u32>v);
			store<u32>(list + (n << 2), <u32>(v + 2 * row), 4);
			const place = first + (n << 2);
			store<u64>(place, a);
			store<u64>(place, b, weightBytes);
			store<u64>(place, c, 2 * weightBytes);
			n += (<usize>((a | b | c) != 0)) << 1;
		}
	}
	return n;
}

/** sum + products of neighbours. */
function add(sum: v128, x: v128, y: v128): v128 {
	return i32x4.add(sum, i32x4.dot_i16x8_s(x, y));
}
function addTo(at: usize, sums: v128): void {
	v128.store(at, f32x4.add(v128.load(at), f32x4.convert_i32x4_s(sums)));
}
/** Columns of two tokens, neighbours side by side. */
function low(x: v128, y: v128): v128 {
	return v128.shuffle<i16>(x, y, 0, 8, 1, 9, 2, 10, 3, 11);
}
function high(x: v128, y: v128): v128 {
	return v128.shuffle<i16>(x, y, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** 8 columns of `n` pairs of tokens. What a loop over more of either loads would not fit in the registers. */
function columns1(
	list: usize,
	n: usize,
	weights: usize,
	row: usize,
	column: usize,
	to: usize,
): void {
	let a = i32x4.splat(0);
	let b = i32x4.splat(0);
	for (const end = list + (n << 2); list < end; list += 4, weights += 4) {
		const v = <usize>load<u32>(list) + column;
		const x = v128.load_ext<i8>(v);
		const y = v128.load_ext<i8>(v + row);
		const w = v128.load32_splat(weights);
		a = add(a, low(x, y), w);
		b = add(b, high(x, y), w);
	}
	addTo(to, a);
	addTo(to + 16, b);
}

function columns2(
	list: usize,
	n: usize,
	weights: usize,
	row: usize,
	column: usize,
	to: usize,
	line: usize,
): void {
	let a0 = i32x4.splat(0);
	let b0 = i32x4.splat(0);
	let a1 = i32x4.splat(0);
	let b1 = i32x4.splat(0);
	for (const end = list + (n << 2); list < end; list += 4, weights += 4) {
		const v = <usize>load<u32>(list) + column;
		const x = v128.load_ext<i8>(v);
		const y = v128.load_ext<i8>(v + row);
		const first = low(x, y);
		const second = high(x, y);
		let w = v128.load32_splat(weights);
		a0 = add(a0, first, w);
		b0 = add(b0, second, w);
		w = v128.load32_splat(weights, weightBytes);
		a1 = add(a1, first, w);
		b1 = add(b1, second, w);
	}
	addTo(to, a0);
	addTo(to + 16, b0);
	addTo(to + line, a1);
	addTo(to + line + 16, b1);
}

function columns3(
	list: usize,
	n: usize,
	weights: usize,
	row: usize,
	column: usize,
	to: usize,
	line: usize,
): void {
	let a0 = i32x4.splat(0);
	let b0 = i32x4.splat(0);
	let a1 = i32x4.splat(0);
	let b1 = i32x4.splat(0);
	let a2 = i32x4.splat(0);
	let b2 = i32x4.splat(0);
	for (const end = list + (n << 2); list < end; list += 4, weights += 4) {
		const v = <usize>load<u32>(list) + column;
		const x = v128.load_ext<i8>(v);
		const y = v128.load_ext<i8>(v + row);
		const first = low(x, y);
		const second = high(x, y);
		let w = v128.load32_splat(weights);
		a0 = add(a0, first, w);
		b0 = add(b0, second, w);
		w = v128.load32_splat(weights, weightBytes);
		a1 = add(a1, first, w);
		b1 = add(b1, second, w);
		w = v128.load32_splat(weights, 2 * weightBytes);
		a2 = add(a2, first, w);
		b2 = add(b2, second, w);
	}
	addTo(to, a0);
	addTo(to + 16, b0);
	addTo(to + line, a1);
	addTo(to + line + 16, b1);
	addTo(to + 2 * line, a2);
	addTo(to + 2 * line + 16, b2);
}

/**
 * Weighted sums of the values of the first `seen` tokens, columns `from` to `end`, multiples of 8: `to` [heads, size]. Weights
 * are those of `roundWeights`, those of the next head `line` bytes on.
 */
export function weighEight(
	pages: usize,
	values: i32,
	seen: i32,
	size: i32,
	from: i32,
	end: i32,
	heads: i32,
	weights: usize,
	line: usize,
	to: usize,
	list: usize,
): void {
	const row = byteRow(size);
	const next = (<usize>size) << 2;
	const start = (<usize>from) << 2;
	const bytes = (<usize>(end - from)) << 2;
	for (let h: usize = 0; h < <usize>heads; h++) memory.fill(to + h * next + start, 0, bytes);
	const gathered = list + listBytes;
	for (let t = 0; t < seen; t += chunk) {
		const last = min(seen, t + chunk);
		const n = gather(pages, values, t, last, row, heads, weights, line, list);
		if (n == 0) continue;
		for (let c = <usize>from; c < <usize>end; c += 8) {
			const at = to + (c << 2);
			if (heads == 3) columns3(list, n, gathered, row, c, at, next);
			else if (heads == 2) columns2(list, n, gathered, row, c, at, next);
			else columns1(list, n, gathered, row, c, at);
		}
	}
	for (let h: usize = 0; h < <usize>heads; h++) {
		const by = v128.load32_splat(weights + (h + 1) * line - 4);
		const first = to + h * next + start;
		for (let at = first; at < first + bytes; at += 16) v128.store(at, f32x4.mul(v128.load(at), by));
	}
}
