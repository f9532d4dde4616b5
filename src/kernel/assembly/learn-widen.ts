/** @file Frozen weights, dequantised to F32 right before a product: 8 columns of its right operand. */
import { block4, block8 } from './layout/blocks';
import * as Learn from './layout/learn';

/** One number of a matrix stored by rows. */
function number(kind: i32, at: usize): f32 {
	if (kind == Learn.kindF32) return load<f32>(at);
	const half = <u32>load<u16>(at);
	if (kind == Learn.kindBF16) return reinterpret<f32>(half << 16);
	// The exponent moves by 112; subnormal 16-bit numbers become exact too.
	const size = reinterpret<f32>((half & 0x7fff) << 13) * reinterpret<f32>(0x77800000);
	return half & 0x8000 ? -size : size;
}

/** Four consecutive numbers. */
function four(kind: i32, at: usize): v128 {
	if (kind == Learn.kindF32) return v128.load(at);
	const halves = i32x4.extend_low_i16x8_u(v128.load64_zero(at));
	if (kind == Learn.kindBF16) return i32x4.shl(halves, 16);
	const size = i32x4.shl(v128.and(halves, i32x4.splat(0x7fff)), 13);
	const sign = i32x4.shl(v128.and(halves, i32x4.splat(0x8000)), 16);
	return v128.or(f32x4.mul(size, i32x4.splat(0x77800000)), sign);
}

/** Four numbers of each of four rows, `line` bytes apart, transposed to four columns 32 bytes apart. */
function transposeFour(kind: i32, at: usize, line: usize, to: usize): void {
	const a = four(kind, at);
	const b = four(kind, at + line);
	const c = four(kind, at + 2 * line);
	const d = four(kind, at + 3 * line);
	const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
	const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
	v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
	v128.store(to, v128.shuffle<i64>(ab, cd, 1, 3), 32);
	const above = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
	const below = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
	v128.store(to, v128.shuffle<i64>(above, below, 0, 2), 64);
	v128.store(to, v128.shuffle<i64>(above, below, 1, 3), 96);
}

function widthOf(kind: i32): usize {
	return kind == Learn.kindF32 ? 4 : 2;
}

/** Column `shift / 8` of each group of four in 8 rows: scale · q + offset. */
function column(
	w0: v128,
	w1: v128,
	shift: i32,
	mask: v128,
	s0: v128,
	s1: v128,
	o0: v128,
	o1: v128,
	to: usize,
): void {
	const q0 = f32x4.convert_i32x4_u(v128.and(i32x4.shr_u(w0, shift), mask));
	const q1 = f32x4.convert_i32x4_u(v128.and(i32x4.shr_u(w1, shift), mask));
	v128.store(to, f32x4.add(f32x4.mul(q0, s0), o0));
	v128.store(to, f32x4.add(f32x4.mul(q1, s1), o1), 16);
}

/** to [count, 8]: columns `from` … of the 8 rows that begin with `row`. For tiles, both count whole blocks. */
export function widenRows(linear: usize, row: i32, from: i32, count: i32, to: usize): void {
	const kind = load<i32>(linear, Learn.linearKind);
	const columns = load<i32>(linear, Learn.linearColumns);
	const data = <usize>load<u32>(linear, Learn.linearData);
	if (kind >= Learn.kindF16) {
		const rows = min(8, load<i32>(linear, Learn.linearRows) - row);
		const width = widthOf(kind);
		const line = <usize>columns * width;
		const first = data + <usize>row * line + <usize>from * width;
		let c = 0;
		if (rows == 8)
			for (; c + 4 <= count; c += 4) {
				const place = to + ((<usize>c) << 5);
				transposeFour(kind, first + <usize>c * width, line, place);
				transposeFour(kind, first + <usize>c * width + 4 * line, line, place + 16);
			}
		for (; c < count; c++)
			for (let r = 0; r < 8; r++)
				store<f32>(
					to + ((<usize>c) << 5) + ((<usize>r) << 2),
					r < rows ? number(kind, first + <usize>r * line + <usize>c * width) : 0,
				);
		return;
	}
	const size = kind == 4 ? block4 : block8;
	const mask = i32x4.splat(kind == 4 ? 15 : 255);
	let w = data + (<usize>(row >> 3) * <usize>(columns >> 5) + <usize>(from >> 5)) * size;
	for (let b = 0; b < count; b += 32, w += size, to += 1024) {
		const tail = w + size - 64;
		let s0 = v128.load(tail);
		let s1 = v128.load(tail, 16);
		let o0 = v128.load(tail, 32);
		let o1 = v128.load(tail, 48);
		for (let p: usize = 0; p < (kind == 4 ? 4 : 8); p++) {
			if (kind == Learn.kindHalves && (p & 3) == 0) {
				s0 = v128.load(tail + (p << 3));
				s1 = v128.load(tail + (p << 3), 16);
				o0 = f32x4.mul(s0, f32x4.splat(-128));
				o1 = f32x4.mul(s1, f32x4.splat(-128));
			}
			const w0 = v128.load(w + (p << 5));
			const w1 = v128.load(w + (p << 5), 16);
			for (let c = 0; c < 4; c++) {
				const at = to + (p << 7) + ((<usize>c) << 5);
				column(w0, w1, c << 3, mask, s0, s1, o0, o1, at);
				if (kind == 4) column(w0, w1, (c << 3) + 4, mask, s0, s1, o0, o1, at + 512);
			}
		}
	}
}

/** Four columns of four rows: bytes to F32 rows, 32 bytes apart. */
function fourRows(bytes: v128, scales: v128, offsets: v128, to: usize): void {
	const low = i16x8.extend_low_i8x16_u(bytes);
	const high = i16x8.extend_high_i8x16_u(bytes);
	oneRow(i32x4.extend_low_i16x8_u(low), broadcast(scales, 0), broadcast(offsets, 0), to);
	oneRow(i32x4.extend_high_i16x8_u(low), broadcast(scales, 1), broadcast(offsets, 1), to + 32);
	oneRow(i32x4.extend_low_i16x8_u(high), broadcast(scales, 2), broadcast(offsets, 2), to + 64);
	oneRow(i32x4.extend_high_i16x8_u(high), broadcast(scales, 3), broadcast(offsets, 3), to + 96);
}

function oneRow(q: v128, scale: v128, offset: v128, to: usize): void {
	v128.store(to, f32x4.add(f32x4.mul(f32x4.convert_i32x4_u(q), scale), offset));
}

/** Broadcast of element `i` of four. */
function broadcast(x: v128, i: i32): v128 {
	if (i == 0) return v128.shuffle<i32>(x, x, 0, 0, 0, 0);
	if (i == 1) return v128.shuffle<i32>(x, x, 1, 1, 1, 1);
	if (i == 2) return v128.shuffle<i32>(x, x, 2, 2, 2, 2);
	return v128.shuffle<i32>(x, x, 3, 3, 3, 3);
}

/**
 * Four panels to [count, 8], `pitch` bytes apart: the 32 columns from `from` of rows `row` …. For tiles, both count whole
 * tiles and blocks, and whole tiles are written.
 */
export function widenColumns(
	linear: usize,
	from: i32,
	row: i32,
	count: i32,
	to: usize,
	pitch: usize,
): void {
	const kind = load<i32>(linear, Learn.linearKind);
	const columns = load<i32>(linear, Learn.linearColumns);
	const data = <usize>load<u32>(linear, Learn.linearData);
	if (kind >= Learn.kindF16) {
		const width = widthOf(kind);
		const some = min(32, columns - from);
		for (let r = 0; r < count; r++) {
			let at = data + (<usize>(row + r) * <usize>columns + <usize>from) * width;
			let c = 0;
			for (; c + 4 <= some; c += 4, at += 4 * width) {
				const place = to + <usize>(c >> 3) * pitch + ((<usize>r) << 5) + ((<usize>(c & 7)) << 2);
				v128.store(place, four(kind, at));
			}
			for (; c < 32; c++, at += width) {
				const place = to + <usize>(c >> 3) * pitch + ((<usize>r) << 5) + ((<usize>(c & 7)) << 2);
				store<f32>(place, c < some ? number(kind, at) : 0);
			}
		}
		return;
	}
	const size = kind == 4 ? block4 : block8;
	const blocks = <usize>(columns >> 5);
	const mask = i8x16.splat(15);
	let w = data + (<usize>(row >> 3) * blocks + <usize>(from >> 5)) * size;
	for (let r = 0; r < count; r += 8, w += blocks * size, to += 256) {
		const tail = w + size - 64;
		let s0 = v128.load(tail);
		let s1 = v128.load(tail, 16);
		let o0 = v128.load(tail, 32);
		let o1 = v128.load(tail, 48);
		for (let p: usize = 0; p < (kind == 4 ? 4 : 8); p++) {
			if (kind == Learn.kindHalves && (p & 3) == 0) {
				s0 = v128.load(tail + (p << 3));
				s1 = v128.load(tail + (p << 3), 16);
				o0 = f32x4.mul(s0, f32x4.splat(-128));
				o1 = f32x4.mul(s1, f32x4.splat(-128));
			}
			const at = to + (p >> 1) * pitch + ((p & 1) << 4);
			let w0 = v128.load(w + (p << 5));
			let w1 = v128.load(w + (p << 5), 16);
			if (kind == 4) {
				fourRows(i8x16.shr_u(w0, 4), s0, o0, at + 2 * pitch);
				fourRows(i8x16.shr_u(w1, 4), s1, o1, at + 2 * pitch + 128);
				w0 = v128.and(w0, mask);
				w1 = v128.and(w1, mask);
			}
			fourRows(w0, s0, o0, at);
			fourRows(w1, s1, o1, at + 128);
		}
	}
}

/** One row [columns], dequantised: an embedding. */
export function widenRow(linear: usize, row: i32, to: usize): void {
	const kind = load<i32>(linear, Learn.linearKind);
	const columns = load<i32>(linear, Learn.linearColumns);
	const data = <usize>load<u32>(linear, Learn.linearData);
	if (kind >= Learn.kindF16) {
		const width = widthOf(kind);
		for (let c = 0; c < columns; c++)
			store<f32>(
				to + ((<usize>c) << 2),
				number(kind, data + (<usize>row * <usize>columns + <usize>c) * width),
			);
		return;
	}
	const size = kind == 4 ? block4 : block8;
	const own = (<usize>(row & 7)) << 2;
	for (let c = 0; c < columns; c++) {
		const w = data + (<usize>(row >> 3) * <usize>(columns >> 5) + <usize>(c >> 5)) * size;
		const i = <usize>(c & 31);
		const place = kind == 4 ? i & 15 : i;
		const byte = load<u8>(w + ((place >> 2) << 5) + own + (place & 3));
		const q = kind == 4 ? (i < 16 ? byte & 15 : byte >> 4) : byte;
		const tail = w + size - 64 + own;
		let scale = load<f32>(tail);
		let offset = load<f32>(tail, 32);
		if (kind == Learn.kindHalves) {
			if (i >= 16) scale = offset;
			offset = scale * -128;
		}
		store<f32>(to + ((<usize>c) << 2), scale * <f32>q + offset);
	}
}

/** to [rank, 8]: rows `row` … of a factor, transposed; the factor's rows are padded to a multiple of 8. */
export function transposeFactor(factor: usize, rank: i32, row: i32, to: usize): void {
	const line = (<usize>rank) << 2;
	factor += <usize>row * line;
	for (let r: usize = 0; r < <usize>rank; r++)
		for (let j: usize = 0; j < 8; j++)
			store<f32>(to + (r << 5) + (j << 2), load<f32>(factor + j * line + (r << 2)));
}
