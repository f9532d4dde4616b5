/** @file Product of a tile with quantised rows: 8 outputs for one, two or four tokens at a time. */
import { dotAdd } from './dot';
import { block4, block8 } from './layout/blocks';
import * as Matrix from './layout/matrix';

/** Weighted sums of a block: sum · (scale · s) + offset · t. */
function weighted(acc: v128, sums: v128, scale: v128, offset: v128, s: v128, t: v128): v128 {
	return f32x4.add(
		acc,
		f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sums), f32x4.mul(scale, s)), f32x4.mul(offset, t)),
	);
}

function pairs(x: v128): v128 {
	return i32x4.extadd_pairwise_i16x8_s(x);
}

/** Low and high 4-bit halves, combined to 8 bits. */
function joinHalves(low: v128, high: v128): v128 {
	return i32x4.add(pairs(low), i32x4.shl(pairs(high), 4));
}

/** 8 outputs of one token. */
function four1(w: usize, blocks: i32, a: usize, scales: usize, sums: usize, to: usize): void {
	const mask = i8x16.splat(15);
	let y0 = f32x4.splat(0);
	let y1 = f32x4.splat(0);
	for (let b = 0; b < blocks; b++) {
		let x0 = i16x8.splat(0);
		let x1 = i16x8.splat(0);
		for (let p: usize = 0; p < 4; p++) {
			const w0 = v128.load(w + (p << 5));
			const w1 = v128.load(w + (p << 5), 16);
			const low = v128.load32_splat(a + (p << 2));
			const high = v128.load32_splat(a + (p << 2), 16);
			x0 = dotAdd(x0, low, v128.and(w0, mask));
			x1 = dotAdd(x1, low, v128.and(w1, mask));
			x0 = dotAdd(x0, high, i8x16.shr_u(w0, 4));
			x1 = dotAdd(x1, high, i8x16.shr_u(w1, 4));
		}
		const s = v128.load32_splat(scales);
		const t = v128.load32_splat(sums);
		y0 = weighted(y0, pairs(x0), v128.load(w, 128), v128.load(w, 160), s, t);
		y1 = weighted(y1, pairs(x1), v128.load(w, 144), v128.load(w, 176), s, t);
		w += block4;
		a += 32;
		scales += 4;
		sums += 4;
	}
	v128.store(to, y0);
	v128.store(to, y1, 16);
}

/** 4 of 8 outputs of four tokens, `half` 0 or 16; all sums stay in registers. */
function four4(
	w: usize,
	half: usize,
	blocks: i32,
	a: usize,
	scales: usize,
	sums: usize,
	to: usize,
): void {
	const mask = i8x16.splat(15);
	const row = (<usize>blocks) << 5;
	const line = (<usize>blocks) << 2;
	let y0 = f32x4.splat(0);
	let y1 = f32x4.splat(0);
	let y2 = f32x4.splat(0);
	let y3 = f32x4.splat(0);
	w += half;
	for (let b = 0; b < blocks; b++) {
		let x0 = i16x8.splat(0);
		let x1 = i16x8.splat(0);
		let x2 = i16x8.splat(0);
		let x3 = i16x8.splat(0);
		for (let p: usize = 0; p < 4; p++) {
			const both = v128.load(w + (p << 5));
			const low = v128.and(both, mask);
			const high = i8x16.shr_u(both, 4);
			const at = a + (p << 2);
			x0 = dotAdd(x0, v128.load32_splat(at), low);
			x0 = dotAdd(x0, v128.load32_splat(at, 16), high);
			x1 = dotAdd(x1, v128.load32_splat(at + row), low);
			x1 = dotAdd(x1, v128.load32_splat(at + row, 16), high);
			x2 = dotAdd(x2, v128.load32_splat(at + 2 * row), low);
			x2 = dotAdd(x2, v128.load32_splat(at + 2 * row, 16), high);
			x3 = dotAdd(x3, v128.load32_splat(at + 3 * row), low);
			x3 = dotAdd(x3, v128.load32_splat(at + 3 * row, 16), high);
		}
		const scale = v128.load(w, 128);
		const offset = v128.load(w, 160);
		y0 = step(y0, pairs(x0), scale, offset, scales, sums);
		y1 = step(y1, pairs(x1), scale, offset, scales + line, sums + line);
		y2 = step(y2, pairs(x2), scale, offset, scales + 2 * line, sums + 2 * line);
		y3 = step(y3, pairs(x3), scale, offset, scales + 3 * line, sums + 3 * line);
		w += block4;
		a += 32;
		scales += 4;
		sums += 4;
	}
	v128.store(to + half, y0);
	v128.store(to + half, y1, 32);
	v128.store(to + half, y2, 64);
	v128.store(to + half, y3, 96);
}

function step(y: v128, x: v128, scale: v128, offset: v128, s: usize, t: usize): v128 {
	return weighted(y, x, scale, offset, v128.load32_splat(s), v128.load32_splat(t));
}

function eight1(w: usize, blocks: i32, a: usize, scales: usize, sums: usize, to: usize): void {
	const mask = i8x16.splat(15);
	let y0 = f32x4.splat(0);
	let y1 = f32x4.splat(0);
	for (let b = 0; b < blocks; b++) {
		let l0 = i16x8.splat(0);
		let l1 = i16x8.splat(0);
		let h0 = i16x8.splat(0);
		let h1 = i16x8.splat(0);
		for (let p: usize = 0; p < 8; p++) {
			const w0 = v128.load(w + (p << 5));
			const w1 = v128.load(w + (p << 5), 16);
			const x = v128.load32_splat(a + (p << 2));
			l0 = dotAdd(l0, x, v128.and(w0, mask));
			l1 = dotAdd(l1, x, v128.and(w1, mask));
			h0 = dotAdd(h0, x, i8x16.shr_u(w0, 4));
			h1 = dotAdd(h1, x, i8x16.shr_u(w1, 4));
		}
		const s = v128.load32_splat(scales);
		const t = v128.load32_splat(sums);
		y0 = weighted(y0, joinHalves(l0, h0), v128.load(w, 256), v128.load(w, 288), s, t);
		y1 = weighted(y1, joinHalves(l1, h1), v128.load(w, 272), v128.load(w, 304), s, t);
		w += block8;
		a += 32;
		scales += 4;
		sums += 4;
	}
	v128.store(to, y0);
	v128.store(to, y1, 16);
}

function eight4(
	w: usize,
	half: usize,
	blocks: i32,
	a: usize,
	scales: usize,
	sums: usize,
	to: usize,
): void {
	const mask = i8x16.splat(15);
	const row = (<usize>blocks) << 5;
	const line = (<usize>blocks) << 2;
	let y0 = f32x4.splat(0);
	let y1 = f32x4.splat(0);
	let y2 = f32x4.splat(0);
	let y3 = f32x4.splat(0);
	w += half;
	for (let b = 0; b < blocks; b++) {
		let l0 = i16x8.splat(0);
		let l1 = i16x8.splat(0);
		let l2 = i16x8.splat(0);
		let l3 = i16x8.splat(0);
		let h0 = i16x8.splat(0);
		let h1 = i16x8.splat(0);
		let h2 = i16x8.splat(0);
		let h3 = i16x8.splat(0);
		for (let p: usize = 0; p < 8; p++) {
			const both = v128.load(w + (p << 5));
			const low = v128.and(both, mask);
			const high = i8x16.shr_u(both, 4);
			const at = a + (p << 2);
			let x = v128.load32_splat(at);
			l0 = dotAdd(l0, x, low);
			h0 = dotAdd(h0, x, high);
			x = v128.load32_splat(at + row);
			l1 = dotAdd(l1, x, low);
			h1 = dotAdd(h1, x, high);
			x = v128.load32_splat(at + 2 * row);
			l2 = dotAdd(l2, x, low);
			h2 = dotAdd(h2, x, high);
			x = v128.load32_splat(at + 3 * row);
			l3 = dotAdd(l3, x, low);
			h3 = dotAdd(h3, x, high);
		}
		const scale = v128.load(w, 256);
		const offset = v128.load(w, 288);
		y0 = step(y0, joinHalves(l0, h0), scale, offset, scales, sums);
		y1 = step(y1, joinHalves(l1, h1), scale, offset, scales + line, sums + line);
		y2 = step(y2, joinHalves(l2, h2), scale, offset, scales + 2 * line, sums + 2 * line);
		y3 = step(y3, joinHalves(l3, h3), scale, offset, scales + 3 * line, sums + 3 * line);
		w += block8;
		a += 32;
		scales += 4;
		sums += 4;
	}
	v128.store(to + half, y0);
	v128.store(to + half, y1, 32);
	v128.store(to + half, y2, 64);
	v128.store(to + half, y3, 96);
}

/**
 * The 8 outputs of a tile for `count` tokens (1 to 4), to [count, 8]; bias and LoRA included. `a`, `scales`, `sums` and
 * `lora` belong to the first of these tokens.
 */
export function multiplyTile(
	matrix: usize,
	tile: i32,
	count: i32,
	a: usize,
	scales: usize,
	sums: usize,
	lora: usize,
	loraStride: usize,
	to: usize,
): void {
	const blocks = load<i32>(matrix, Matrix.blocks);
	const isFour = load<i32>(matrix, Matrix.bits) == 4;
	const size = <usize>blocks * (isFour ? block4 : block8);
	const w = <usize>load<u32>(matrix, Matrix.data) + <usize>tile * size;
	if (count == 4) {
		if (isFour) {
			four4(w, 0, blocks, a, scales, sums, to);
			four4(w, 16, blocks, a, scales, sums, to);
		} else {
			eight4(w, 0, blocks, a, scales, sums, to);
			eight4(w, 16, blocks, a, scales, sums, to);
		}
	} else {
		const line = (<usize>blocks) << 2;
		for (let i = 0; i < count; i++) {
			const at = to + ((<usize>i) << 5);
			if (isFour)
				four1(
					w,
					blocks,
					a + ((<usize>i * <usize>blocks) << 5),
					scales + <usize>i * line,
					sums + <usize>i * line,
					at,
				);
			else
				eight1(
					w,
					blocks,
					a + ((<usize>i * <usize>blocks) << 5),
					scales + <usize>i * line,
					sums + <usize>i * line,
					at,
				);
		}
	}
	addBias(matrix, tile, count, to);
	addLora(matrix, tile, count, lora, loraStride, to);
}

function addBias(matrix: usize, tile: i32, count: i32, to: usize): void {
	const bias = <usize>load<u32>(matrix, Matrix.bias);
	if (bias == 0) return;
	const at = bias + ((<usize>tile) << 5);
	for (let i = 0; i < count; i++, to += 32) {
		v128.store(to, f32x4.add(v128.load(to), v128.load(at)));
		v128.store(to, f32x4.add(v128.load(to, 16), v128.load(at, 16)), 16);
	}
}

/** + B · z, with z = A · x read from `lora`. */
function addLora(
	matrix: usize,
	tile: i32,
	count: i32,
	lora: usize,
	stride: usize,
	to: usize,
): void {
	const rank = load<i32>(matrix, Matrix.rank);
	if (rank == 0) return;
	const b = <usize>load<u32>(matrix, Matrix.loraB) + ((<usize>tile * <usize>rank) << 5);
	lora += (<usize>load<u32>(matrix, Matrix.loraAt)) << 2;
	for (let i = 0; i < count; i++, to += 32, lora += stride << 2) {
		let y0 = v128.load(to);
		let y1 = v128.load(to, 16);
		for (let r = 0; r < rank; r++) {
			const z = v128.load32_splat(lora + ((<usize>r) << 2));
			const at = b + ((<usize>r) << 5);
			y0 = f32x4.add(y0, f32x4.mul(v128.load(at), z));
			y1 = f32x4.add(y1, f32x4.mul(v128.load(at, 16), z));
		}
		v128.store(to, y0);
		v128.store(to, y1, 16);
	}
}
