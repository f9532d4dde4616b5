/** @file One row of a packed matrix, widened: the embedding of a token. */
import { block4, block8 } from './layout/blocks';
import * as Matrix from './layout/matrix';
import { address, whole } from './tables';

/** One row of a matrix, widened: an embedding. */
export function readRow(matrix: usize, index: i32, to: usize): void {
	const blocks = whole(matrix + Matrix.blocks);
	const isFour = whole(matrix + Matrix.bits) == 4;
	const size = isFour ? block4 : block8;
	const lane = <usize>(index & 7);
	let w = address(matrix + Matrix.data) + <usize>(index >> 3) * <usize>blocks * size;
	for (let b = 0; b < blocks; b++, w += size, to += 128) {
		const scale = load<f32>(w + size - 64 + (lane << 2));
		const offset = load<f32>(w + size - 32 + (lane << 2));
		for (let c: usize = 0; c < 32; c++) {
			const place = isFour
				? (((c & 15) >> 2) << 5) + (lane << 2) + (c & 3)
				: ((c >> 2) << 5) + (lane << 2) + (c & 3);
			const byte = load<u8>(w + place);
			const q = isFour ? (c < 16 ? byte & 15 : byte >> 4) : byte;
			store<f32>(to + (c << 2), scale * <f32>q + offset);
		}
	}
}
