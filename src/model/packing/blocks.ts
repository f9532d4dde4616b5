/**
 * @file Quantised blocks as integers with a scale, and for some types an offset, of each block of a row: w = scale · (q −
 * 2^(bits − 1)) + offset. Every stored block type converts without loss.
 */
import { spacedF16 } from '../checkpoint/half.ts';
import { dequantize } from '../checkpoint/gguf/dequantize.ts';
import { layouts } from '../checkpoint/gguf/tensor-types.ts';
import { quantize } from '../checkpoint/gguf/quantize.ts';
import { sixBitPairs } from '../checkpoint/gguf/six-bits.ts';
import type { WeightForm } from '../weight-store.ts';

/** Bits of a quant, and the number of values that share a scale. */
export interface BlockKind {
	readonly bits: 4 | 8;
	readonly size: 16 | 32;
	/** Does each block have an offset beside its scale? */
	readonly offsets: boolean;
}

export interface Blocks {
	/** One value to a byte, 0 to 2^bits − 1. */
	readonly quants: Uint8Array;
	readonly scales: Float32Array;
	readonly offsets: Float32Array | undefined;
}

const kinds: Readonly<Record<WeightForm, BlockKind>> = {
	// Rounded to Q8_0: the only lossy types here.
	F32: { bits: 8, size: 32, offsets: false },
	F16: { bits: 8, size: 32, offsets: false },
	BF16: { bits: 8, size: 32, offsets: false },
	Q8_0: { bits: 8, size: 32, offsets: false },
	Q4_0: { bits: 4, size: 32, offsets: false },
	Q4_1: { bits: 4, size: 32, offsets: true },
	Q5_0: { bits: 8, size: 32, offsets: false },
	Q5_1: { bits: 8, size: 32, offsets: true },
	Q4_K: { bits: 4, size: 32, offsets: true },
	Q6_K: { bits: 8, size: 16, offsets: false },
};

/** Blocks of a weight of this type and row length; undefined if rows are not whole blocks. */
export function blockKind(form: WeightForm, width: number): BlockKind | undefined {
	return width % Math.max(32, layouts[form].values) === 0 ? kinds[form] : undefined;
}

/** Is the conversion of this type to blocks lossless? */
export const isExact = (form: WeightForm): boolean => !['F32', 'F16', 'BF16'].includes(form);

/** Whole blocks of any type. */
export function readBlocks(form: WeightForm, bytes: Uint8Array): Blocks {
	switch (form) {
		case 'F32':
		case 'F16':
		case 'BF16':
			return readBlocks('Q8_0', quantize('Q8_0', dequantize(form, bytes)));
		case 'Q8_0':
			return plain(bytes, 34, 2, eightBit);
		case 'Q4_0':
			return plain(bytes, 18, 2, fourBit);
		case 'Q4_1':
			return withOffsets(plain(bytes, 20, 4, fourBit), bytes, 20, 8);
		case 'Q5_0':
			return plain(bytes, 22, 2, fiveBit);
		case 'Q5_1':
			return withOffsets(plain(bytes, 24, 4, fiveBit), bytes, 24, 16);
		case 'Q4_K':
			return fourBitK(bytes);
		case 'Q6_K':
			return sixBitK(bytes);
		default:
			return form satisfies never;
	}
}

/** Reads 32 quants from offset `from` of `bytes` to offset `to` of `quants`. */
type ReadQuants = (bytes: Uint8Array, from: number, quants: Uint8Array, to: number) => void;

const eightBit: ReadQuants = (bytes, from, quants, to) => {
	// Two's complement to offset binary.
	for (let j = 0; j < 32; j++) quants[to + j] = (bytes[from + j] ?? 0) ^ 128;
};
const fourBit: ReadQuants = (bytes, from, quants, to) => {
	for (let j = 0; j < 16; j++) {
		const pair = bytes[from + j] ?? 0;
		quants[to + j] = pair & 15;
		quants[to + 16 + j] = pair >> 4;
	}
};
/** q − 16 in five bits is q + 112 − 128 in eight. */
const fiveBit: ReadQuants = (bytes, from, quants, to) => {
	for (let j = 0; j < 16; j++) {
		const pair = bytes[from + 4 + j] ?? 0;
		const low = ((bytes[from + (j >> 3)] ?? 0) >> (j & 7)) & 1;
		const high = ((bytes[from + 2 + (j >> 3)] ?? 0) >> (j & 7)) & 1;
		quants[to + j] = ((pair & 15) | (low << 4)) + 112;
		quants[to + 16 + j] = ((pair >> 4) | (high << 4)) + 112;
	}
};

function plain(bytes: Uint8Array, blockBytes: number, at: number, read: ReadQuants): Blocks {
	const scales = spacedF16(bytes, blockBytes, 0);
	const quants = new Uint8Array(scales.length * 32);
	for (let block = 0; block < scales.length; block++)
		read(bytes, block * blockBytes + at, quants, block * 32);
	return { quants, scales, offsets: undefined };
}

/** The stored formula is d · q + m, ours d · (q − zero) + (m + zero · d). */
function withOffsets(blocks: Blocks, bytes: Uint8Array, blockBytes: number, zero: number): Blocks {
	const offsets = spacedF16(bytes, blockBytes, 2);
	blocks.scales.forEach((d, i) => (offsets[i] = (offsets[i] ?? 0) + zero * d));
	return { ...blocks, offsets };
}

/** 8 sub-blocks of 32 in 256 values; their 6-bit scales and offsets are in 12 bytes after the two halves. */
function fourBitK(bytes: Uint8Array): Blocks {
	const { bytes: size } = layouts.Q4_K;
	const [outer, outerOffsets] = [spacedF16(bytes, size, 0), spacedF16(bytes, size, 2)];
	const quants = new Uint8Array(outer.length * 256);
	const scales = new Float32Array(outer.length * 8);
	const offsets = new Float32Array(outer.length * 8);
	for (let block = 0; block < outer.length; block++) {
		const pairs = sixBitPairs(bytes, block * size + 4);
		for (let j = 0; j < 8; j++) {
			const d = (outer[block] ?? 0) * (pairs[j] ?? 0);
			scales[block * 8 + j] = d;
			offsets[block * 8 + j] = 8 * d - (outerOffsets[block] ?? 0) * (pairs[8 + j] ?? 0);
			const from = block * size + 16 + (j >> 1) * 32;
			for (let l = 0; l < 32; l++)
				quants[block * 256 + j * 32 + l] = ((bytes[from + l] ?? 0) >> ((j & 1) * 4)) & 15;
		}
	}
	return { quants, scales, offsets };
}

/** 16 sub-blocks of 16 in 256 values, with signed 8-bit scales; q − 32 in six bits is q + 96 − 128 in eight. */
function sixBitK(bytes: Uint8Array): Blocks {
	const { bytes: size } = layouts.Q6_K;
	const outer = spacedF16(bytes, size, 208);
	const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const quants = new Uint8Array(outer.length * 256);
	const scales = new Float32Array(outer.length * 16);
	for (let block = 0; block < outer.length; block++) {
		for (let j = 0; j < 16; j++)
			scales[block * 16 + j] = (outer[block] ?? 0) * (signed[block * size + 192 + j] ?? 0);
		for (let i = 0; i < 256; i++) {
			const [half, quarter, l] = [i >> 7, (i >> 5) & 3, i & 31];
			const low = bytes[block * size + half * 64 + (quarter & 1) * 32 + l] ?? 0;
			const high = bytes[block * size + 128 + half * 32 + l] ?? 0;
			quants[block * 256 + i] =
				(((low >> (quarter >> 1 ? 4 : 0)) & 15) | (((high >> (quarter * 2)) & 3) << 4)) + 96;
		}
	}
	return { quants, scales, offsets: undefined };
}
