/** @file Packing of quantised rows into tiles (`layout/blocks.ts`). */
import { block4, block8 } from './layout/blocks';

/**
 * Packs `rows` rows of `blocks` blocks: one byte per quant, then scales and offsets [rows, blocks]. `rows` is a multiple
 * of 8 except at the end of a matrix; the rest of that tile must already be zeros.
 */
export function pack(
	bits: i32,
	rows: i32,
	blocks: i32,
	quants: usize,
	scales: usize,
	offsets: usize,
	to: usize,
): void {
	const size = bits == 4 ? block4 : block8;
	const tail = size - 64;
	for (let r = 0; r < rows; r++) {
		const rowBytes = (<usize>(r & 7)) << 2;
		let block = to + <usize>(r >> 3) * <usize>blocks * size;
		for (let b = 0; b < blocks; b++, block += size, quants += 32, scales += 4, offsets += 4) {
			for (let p: usize = 0; p < (bits == 4 ? 4 : 8); p++) {
				let four = load<u32>(quants + (p << 2));
				if (bits == 4) four |= load<u32>(quants + (p << 2), 16) << 4;
				store<u32>(block + (p << 5) + rowBytes, four);
			}
			store<f32>(block + tail + rowBytes, load<f32>(scales));
			store<f32>(block + tail + 32 + rowBytes, load<f32>(offsets));
		}
	}
}
