/** @file Checkpoint weights as kernel matrices: blocks of 32 in 4 or 8 bits, lossless if the checkpoint stores them so. */
import { dequantize } from '#model/checkpoint/gguf/dequantize.ts';
import { bytesOf } from '#model/checkpoint/gguf/tensor-types.ts';
import { quantize } from '#model/checkpoint/gguf/quantize.ts';
import { blockKind, readBlocks, type Blocks } from '#model/packing/blocks.ts';
import type { StoredWeight } from '#model/weight-store.ts';
import { block4, block8 } from './assembly/layout/blocks.ts';
import * as Matrix from './assembly/layout/matrix.ts';
import type { Kernel } from './kernel.ts';

/** Rows of a tile. */
export const tileRows = 8;
/** Columns of a block. */
export const blockColumns = 32;

/** n, rounded up to a multiple of `size`. */
export const filled = (n: number, size: number): number => Math.ceil(n / size) * size;

/** Rows packed at a time. */
const rowsAtOnce = 512;

/** A matrix in the kernel's memory. */
export interface KernelMatrix {
	readonly bits: 4 | 8;
	readonly data: number;
	readonly rows: number;
	readonly columns: number;
}

/** Does the kernel store a weight of this GGUF type without loss? */
export const isHeldExactly = ({ form, shape }: StoredWeight): boolean =>
	!['F32', 'F16', 'BF16'].includes(form) && blockKind(form, shape.at(-1) ?? 1)?.size === 32;

/** Packs a weight [rows, columns] from its stored bytes. */
export function packMatrix(kernel: Kernel, stored: StoredWeight, raw: Uint8Array): KernelMatrix {
	const [, columns = 1] = stored.shape;
	const kind = isHeldExactly(stored) ? blockKind(stored.form, columns) : undefined;
	const bits = kind?.bits ?? 8;
	return pack(kernel, stored, raw, bits, (bytes) => {
		const read = kind
			? readBlocks(stored.form, bytes)
			: rounded(dequantize(stored.form, bytes), columns);
		return { ...read, offsets: offsetsOf(read, bits) };
	});
}

/** Does a weight have a scale for every 16 columns, and no offsets? */
export const hasHalfBlocks = ({ form, shape }: StoredWeight): boolean =>
	blockKind(form, shape.at(-1) ?? 1)?.size === 16;

/** Packs such a weight in 8 bits without loss: the scales of each block's second half replace the offsets. */
export function packHalfBlocks(
	kernel: Kernel,
	stored: StoredWeight,
	raw: Uint8Array,
): KernelMatrix {
	return pack(kernel, stored, raw, 8, (bytes) => {
		const { quants, scales } = readBlocks(stored.form, bytes);
		return {
			quants,
			scales: scales.filter((_, i) => i % 2 === 0),
			offsets: scales.filter((_, i) => i % 2 === 1),
		};
	});
}

/** Packs a matrix a few rows at a time; `read` decodes them to blocks. */
function pack(
	kernel: Kernel,
	{ form, shape: [rows = 1, columns = 1] }: StoredWeight,
	raw: Uint8Array,
	bits: 4 | 8,
	read: (bytes: Uint8Array) => Blocks,
): KernelMatrix {
	const { heap } = kernel;
	const blocks = filled(columns, blockColumns) / blockColumns;
	const rowBytes = bytesOf(form, columns);
	const tileBytes = blocks * (bits === 4 ? block4 : block8);
	const values = Math.min(rows, rowsAtOnce) * blocks;
	const quantsBytes = values * blockColumns;
	const scratchBytes = quantsBytes + 8 * values;
	const scratch = heap.allocate(scratchBytes);
	const dataBytes = (filled(rows, tileRows) / tileRows) * tileBytes;
	let data = 0;
	const [scales, offsets] = [scratch + quantsBytes, scratch + quantsBytes + 4 * values];
	try {
		data = heap.allocate(dataBytes);
		for (let from = 0; from < rows; from += rowsAtOnce) {
			const count = Math.min(rows - from, rowsAtOnce);
			const some = read(raw.subarray(from * rowBytes, (from + count) * rowBytes));
			const { buffer } = heap.memory;
			new Uint8Array(buffer, scratch).set(some.quants);
			new Float32Array(buffer, scales).set(some.scales);
			new Float32Array(buffer, offsets).set(some.offsets ?? []);
			const to = data + (from / tileRows) * tileBytes;
			kernel.pack(bits, count, blocks, scratch, scales, offsets, to);
		}
		return { bits, data, rows, columns };
	} catch (error) {
		if (data !== 0) heap.free(data, dataBytes);
		throw error;
	} finally {
		heap.free(scratch, scratchBytes);
	}
}

/** Q8_0 of rows padded to whole blocks. */
function rounded(values: Float32Array, columns: number): Blocks {
	const width = filled(columns, blockColumns);
	const rows = values.length / columns;
	const wide = width === columns ? values : new Float32Array(rows * width);
	if (wide !== values)
		for (let r = 0; r < rows; r++)
			wide.set(values.subarray(r * columns, (r + 1) * columns), r * width);
	return readBlocks('Q8_0', quantize('Q8_0', wide));
}

/** Offsets for scale · q + offset, from blocks that store scale · (q − zero) + offset. */
function offsetsOf({ scales, offsets }: Blocks, bits: 4 | 8): Float32Array {
	const zero = 2 ** (bits - 1);
	const moved = new Float32Array(scales.length);
	for (let i = 0; i < moved.length; i++) moved[i] = (offsets?.[i] ?? 0) - zero * (scales[i] ?? 0);
	return moved;
}

/** Writes a matrix's table, without bias or LoRA. */
export function writeMatrix(view: DataView, at: number, matrix: KernelMatrix): void {
	const put = (place: number, value: number): void => {
		view.setUint32(at + place, value, true);
	};
	put(Matrix.bits, matrix.bits);
	put(Matrix.data, matrix.data);
	put(Matrix.tiles, filled(matrix.rows, tileRows) / tileRows);
	put(Matrix.blocks, filled(matrix.columns, blockColumns) / blockColumns);
}
