/** @file Embedding lookup: one row of a packed matrix, dequantised to F32. */
import { block4, block8 } from './layout/blocks';
import * as Matrix from './layout/matrix';
import { loadPointer, loadI32 } from './tables';

/** Row `index` of a packed matrix, dequantised. */
export function readRow(matrix: usize, index: i32, to: usize): void {
	const blocks = loadI32(matrix + Matrix.blocks);
	const isFour = loadI32(matrix + Matrix.bits) == 4;
	const size = isFour ? block4 : block8;
	const rowInTile = <usize>(index & 7);
	let w = loadPointer(matrix + Matrix.data) + <usize>(index >> 3) * <usize>blocks * size;
	for (let b = 0; b < blocks; b++, w += size, to += 128) {
		const scale = load<f32>(w + size - 64 + (rowInTile << 2));
		const offset = load<f32>(w + size - 32 + (rowInTile << 2));
		for (let c: usize = 0; c < 32; c++) {
			const quantAt = isFour
				? (((c & 15) >> 2) << 5) + (rowInTile << 2) + (c & 3)
				: ((c >> 2) << 5) + (rowInTile << 2) + (c & 3);
			const byte = load<u8>(w + quantAt);
			const q = isFour ? (c < 16 ? byte & 15 : byte >> 4) : byte;
			store<f32>(to + (c << 2), scale * <f32>q + offset);
		}
	}
}
