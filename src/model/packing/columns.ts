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
	for (let from = 0; from < out; from += rowsAtOnce) {
		const to = Math.min(out, from + rowsAtOnce);
		const piece = rows(from, to);
		for (let o = from; o < to; o++) {
			let largest = 0;
			const at = (o - from) * into;
			for (let i = 0; i < into; i++) largest = Math.max(largest, Math.abs(piece[at + i] ?? 0));
			scales[o] = largest / 127;
		}
		for (let i = 0; i < into; i++)
			for (let o = from; o < to; o++) {
				const scale = scales[o] ?? 0;
				const value = piece[(o - from) * into + i] ?? 0;
				values[i * out + o] = scale === 0 ? 0 : Math.round(value / scale);
			}
	}
	return { values, scales };
}
