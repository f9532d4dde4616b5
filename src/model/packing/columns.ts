/** @file int8 by output: one scale for each output of a linear module, values turned to [in, out]. */

/** Rows de-quantised and turned at a time: a cache line of outputs. */
const rowsAtOnce = 64;

/** Symmetric int8 of a weight [out, in] whose rows `from` to `to` are given as F32 on demand. */
export function byOutput(
	out: number,
	into: number,
	rows: (from: number, to: number) => Float32Array,
): { readonly values: Int8Array; readonly scales: Float32Array } {
	const values = new Int8Array(out * into);
	const scales = new Float32Array(out);
	const inverses = new Float64Array(rowsAtOnce);
	for (let from = 0; from < out; from += rowsAtOnce) {
		const count = Math.min(out - from, rowsAtOnce);
		const piece = rows(from, from + count);
		for (let row = 0; row < count; row++) {
			let largest = 0;
			for (let i = row * into; i < (row + 1) * into; i++) {
				const size = Math.abs(piece[i] ?? 0);
				if (size > largest) largest = size;
			}
			scales[from + row] = largest / 127;
			inverses[row] = largest === 0 ? 0 : 127 / largest;
		}
		for (let i = 0; i < into; i++) {
			const to = i * out + from;
			for (let row = 0; row < count; row++) {
				// Adding 128 makes all positive, so that cutting off rounds halves up.
				const value = (piece[row * into + i] ?? 0) * (inverses[row] ?? 0);
				values[to + row] = ((value + 128.5) | 0) - 128;
			}
		}
	}
	return { values, scales };
}
