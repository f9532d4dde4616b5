/** @file The 6-bit scales and offsets of ggml's K types, unpacked from 12 bytes of a block. */

/** The scales of the 8 sub-blocks (0 to 63), then their 8 offsets; the last four of each are stored in two pieces. */
export function sixBitPairs(bytes: Uint8Array, from: number): Uint8Array {
	const pairs = new Uint8Array(16);
	const at = (i: number) => bytes[from + i] ?? 0;
	for (let j = 0; j < 4; j++) {
		pairs[j] = at(j) & 63;
		pairs[4 + j] = (at(8 + j) & 15) | ((at(j) >> 6) << 4);
		pairs[8 + j] = at(4 + j) & 63;
		pairs[12 + j] = (at(8 + j) >> 4) | ((at(4 + j) >> 6) << 4);
	}
	return pairs;
}
