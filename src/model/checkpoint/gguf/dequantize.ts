/**
 * @file Dequantisation of GGUF block types to F32, bit for bit as in ggml's reference.
 *
 * Every product here is exact in F64 and rounded once, on storing, with the same result as ggml's F32 arithmetic.
 */
import type { WeightForm } from '../../weight-store.ts';
import { fromBf16, fromF16, spacedF16 } from '../half.ts';
import { layouts } from './tensor-types.ts';
import { sixBitPairs } from './six-bits.ts';

/** 4-bit, 16 low nibbles then 16 high ones; `offset` is the start of the nibbles, `minus` the zero point. */
function fourBit(bytes: Uint8Array, blockBytes: number, offset: number, minus: number) {
	const scales = spacedF16(bytes, blockBytes, 0);
	const least = offset === 4 ? spacedF16(bytes, blockBytes, 2) : undefined;
	const out = new Float32Array(scales.length * 32);
	for (let block = 0; block < scales.length; block++) {
		const d = scales[block] ?? 0;
		const m = least ? (least[block] ?? 0) : -0; // adding −0 keeps even the sign of zero
		const from = block * blockBytes + offset;
		for (let j = 0; j < 16; j++) {
			const pair = bytes[from + j] ?? 0;
			out[block * 32 + j] = ((pair & 15) - minus) * d + m;
			out[block * 32 + 16 + j] = ((pair >> 4) - minus) * d + m;
		}
	}
	return out;
}

/** 5-bit: the fifth bits of all 32 values precede the nibbles. */
function fiveBit(bytes: Uint8Array, blockBytes: number, offset: number, minus: number) {
	const scales = spacedF16(bytes, blockBytes, 0);
	const least = offset === 4 ? spacedF16(bytes, blockBytes, 2) : undefined;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const out = new Float32Array(scales.length * 32);
	for (let block = 0; block < scales.length; block++) {
		const d = scales[block] ?? 0;
		const m = least ? (least[block] ?? 0) : -0; // adding −0 keeps even the sign of zero
		const from = block * blockBytes + offset;
		const fifth = view.getUint32(from, true);
		for (let j = 0; j < 16; j++) {
			const pair = bytes[from + 4 + j] ?? 0;
			out[block * 32 + j] = (((pair & 15) | (((fifth >>> j) & 1) << 4)) - minus) * d + m;
			out[block * 32 + 16 + j] =
				(((pair >> 4) | (((fifth >>> (j + 16)) & 1) << 4)) - minus) * d + m;
		}
	}
	return out;
}

function q8(bytes: Uint8Array): Float32Array {
	const scales = spacedF16(bytes, layouts.Q8_0.bytes, 0);
	const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const out = new Float32Array(scales.length * 32);
	for (let block = 0; block < scales.length; block++) {
		const d = scales[block] ?? 0;
		const from = block * layouts.Q8_0.bytes + 2;
		for (let j = 0; j < 32; j++) out[block * 32 + j] = (signed[from + j] ?? 0) * d;
	}
	return out;
}

/** 8 sub-blocks of 32; their 6-bit scales and offsets are in 12 bytes after the two halves. */
function q4k(bytes: Uint8Array): Float32Array {
	const { bytes: size } = layouts.Q4_K;
	const scales = spacedF16(bytes, size, 0);
	const offsets = spacedF16(bytes, size, 2);
	const out = new Float32Array(scales.length * 256);
	for (let block = 0; block < scales.length; block++) {
		const pairs = sixBitPairs(bytes, block * size + 4);
		const quants = bytes.subarray(block * size + 16, (block + 1) * size);
		for (let j = 0; j < 8; j++) {
			const d = (scales[block] ?? 0) * (pairs[j] ?? 0);
			const m = (offsets[block] ?? 0) * (pairs[8 + j] ?? 0);
			const shift = (j & 1) * 4;
			for (let l = 0; l < 32; l++) {
				const q = ((quants[(j >> 1) * 32 + l] ?? 0) >> shift) & 15;
				out[block * 256 + j * 32 + l] = d * q - m;
			}
		}
	}
	return out;
}

/** 16 sub-blocks of 16 with signed 8-bit scales; low nibbles, then high pairs of bits, scales, and d last. */
function q6k(bytes: Uint8Array): Float32Array {
	const { bytes: size } = layouts.Q6_K;
	const scales = spacedF16(bytes, size, 208);
	const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const out = new Float32Array(scales.length * 256);
	for (let block = 0; block < scales.length; block++)
		for (let i = 0; i < 256; i++) {
			const half = i >> 7;
			const quarter = (i >> 5) & 3;
			const l = i & 31;
			const low = bytes[block * size + half * 64 + (quarter & 1) * 32 + l] ?? 0;
			const high = bytes[block * size + 128 + half * 32 + l] ?? 0;
			const q =
				(((low >> (quarter >> 1 ? 4 : 0)) & 15) | (((high >> (quarter * 2)) & 3) << 4)) - 32;
			const scale = signed[block * size + 192 + (i >> 4)] ?? 0;
			out[block * 256 + i] = (scales[block] ?? 0) * scale * q;
		}
	return out;
}

/** The values of whole blocks. */
export function dequantize(form: WeightForm, bytes: Uint8Array): Float32Array {
	switch (form) {
		// Copies, since views would have to be aligned.
		case 'F32':
			return new Float32Array(Uint8Array.from(bytes).buffer);
		case 'F16':
			return fromF16(new Uint16Array(Uint8Array.from(bytes).buffer));
		case 'BF16':
			return fromBf16(new Uint16Array(Uint8Array.from(bytes).buffer));
		case 'Q4_0':
			return fourBit(bytes, layouts.Q4_0.bytes, 2, 8);
		case 'Q4_1':
			return fourBit(bytes, layouts.Q4_1.bytes, 4, 0);
		case 'Q5_0':
			return fiveBit(bytes, layouts.Q5_0.bytes, 2, 16);
		case 'Q5_1':
			return fiveBit(bytes, layouts.Q5_1.bytes, 4, 0);
		case 'Q8_0':
			return q8(bytes);
		case 'Q4_K':
			return q4k(bytes);
		case 'Q6_K':
			return q6k(bytes);
		default:
			return form satisfies never;
	}
}
