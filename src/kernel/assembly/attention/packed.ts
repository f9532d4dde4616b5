/**
 * @file Rows of keys or values in fewer bits than F32 (`layout/blocks.ts`): packed when a token is read, unpacked to F32 an
 * entry of the page table at a time.
 */
import { cacheF16, cacheF32, cacheQ8 } from '../layout/blocks';

/** Bytes of a row of `size` 8-bit numbers and their scale. */
export function byteRow(size: i32): usize {
	return <usize>size + 4;
}

/** Bytes of a row of `size` numbers. */
export function rowBytes(type: i32, size: i32): usize {
	if (type == cacheF16) return (<usize>size) << 1;
	return type == cacheQ8 ? byteRow(size) : (<usize>size) << 2;
}

/** Are such rows summed as whole numbers, without being unpacked? */
export function isWhole(type: i32, size: i32): bool {
	return type == cacheQ8 && (size & 15) == 0 && size <= 512;
}

/** F16 to the nearest, of ties the even one; the largest finite number instead of infinity. */
function half(x: f32): u32 {
	const bits = reinterpret<u32>(x);
	const sign = (bits >> 16) & 0x8000;
	const size = bits & 0x7fffffff;
	if (size >= 0x477fefff) return sign | 0x7bff;
	// The spacing of F32 from 0.5 on is that of subnormal F16.
	if (size < 0x38800000)
		return sign | (reinterpret<u32>(reinterpret<f32>(size) + <f32>0.5) - 0x3f000000);
	return sign | ((size - 0x38000000 + 0xfff + ((size >> 13) & 1)) >> 13);
}

/** Scale, then whole numbers from −127 to 127: x = scale · q. */
function packEight(from: usize, size: i32, to: usize): void {
	const end = from + ((<usize>size) << 2);
	let most = f32x4.splat(0);
	for (let at = from; at < end; at += 16) most = f32x4.max(most, f32x4.abs(v128.load(at)));
	const largest = max(
		max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
		max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
	);
	store<f32>(to, largest / 127);
	const by: f32 = largest == 0 ? 0 : <f32>127 / largest;
	for (let at = from, q = to + 4; at < end; at += 4, q++)
		store<i8>(q, <i8>nearest<f32>(load<f32>(at) * by));
}

/** Packs a row of `size` numbers. */
export function packRow(type: i32, from: usize, size: i32, to: usize): void {
	if (type == cacheF32) memory.copy(to, from, (<usize>size) << 2);
	else if (type == cacheQ8) packEight(from, size, to);
	else
		for (let i: usize = 0; i < <usize>size; i++)
			store<u16>(to + (i << 1), <u16>half(load<f32>(from + (i << 2))));
}

/** Four F16 numbers: the exponent is moved by a product, which is right for subnormal ones too. */
function unpackHalf(from: usize, to: usize): void {
	const bits = v128.and(i32x4.shl(v128.load_ext<i16>(from), 13), i32x4.splat(0x8fffe000));
	v128.store(to, f32x4.mul(bits, f32x4.splat(5.192296858534828e33)));
}

/** Unpacks `count` rows of `size` numbers, the numbers `first` … `end` of each, to rows of F32. */
export function unpackRows(
	type: i32,
	from: usize,
	count: i32,
	size: i32,
	first: i32,
	end: i32,
	to: usize,
): void {
	const bytes = rowBytes(type, size);
	const row = (<usize>size) << 2;
	for (let t = 0; t < count; t++, from += bytes, to += row) {
		if (type == cacheF16)
			for (let i = <usize>first; i < <usize>end; i += 4) unpackHalf(from + (i << 1), to + (i << 2));
		else {
			const scale = v128.load32_splat(from);
			for (let i = <usize>first; i < <usize>end; i += 4) {
				const quants = i32x4.extend_low_i16x8_s(
					i16x8.extend_low_i8x16_s(v128.load_zero<i32>(from + 4 + i)),
				);
				v128.store(to + (i << 2), f32x4.mul(f32x4.convert_i32x4_s(quants), scale));
			}
		}
	}
}
