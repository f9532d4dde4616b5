/** @file Attention masks and rotary angles of the graphs. */

/** Additive mask value; finite, so that a fully masked row stays a number. */
export const blocked = -1e9;

/** [1, 1, T, T]: token t sees 0..t. */
export function causalMask(length: number): Float32Array {
	const mask = new Float32Array(length * length);
	for (let i = 0; i < length; i++) mask.fill(blocked, i * length + i + 1, (i + 1) * length);
	return mask;
}

/** [B, 1, T, T] for left-padded rows with `padding[b]` padding tokens. */
export function paddedCausalMask(padding: readonly number[], length: number): Float32Array {
	const causal = causalMask(length);
	const mask = new Float32Array(padding.length * length * length);
	padding.forEach((pads, b) => {
		mask.set(causal, b * length * length);
		for (let i = 0; i < length; i++) {
			const row = (b * length + i) * length;
			mask.fill(blocked, row, row + pads);
		}
	});
	return mask;
}

/**
 * [B, 1, T, L] for T tokens after `seen` cached ones, of which the first `padding[b]` are padding, in a cache of
 * `capacity` slots (L = capacity + T).
 */
export function cachedCausalMask(
	padding: readonly number[],
	seen: number,
	steps: number,
	capacity = seen,
): Float32Array {
	const all = capacity + steps;
	const mask = new Float32Array(padding.length * steps * all).fill(blocked);
	padding.forEach((pads, b) => {
		for (let t = 0; t < steps; t++) {
			const row = (b * steps + t) * all;
			mask.fill(0, row + pads, row + seen);
			mask.fill(0, row + capacity, row + capacity + t + 1);
		}
	});
	return mask;
}

/** [B, 1, 1, L]: masks the padding on the left of each row. */
export function keyMask(padding: readonly number[], length: number): Float32Array {
	const mask = new Float32Array(padding.length * length);
	padding.forEach((pads, b) => mask.fill(blocked, b * length, b * length + pads));
	return mask;
}

/** Cosines and sines [positions.length, S/2] of rotary embedding: angle = position · frequency. */
export function rotaryAngles(
	positions: readonly number[],
	frequencies: readonly number[],
): { readonly cos: Float32Array; readonly sin: Float32Array } {
	const half = frequencies.length;
	const cos = new Float32Array(positions.length * half);
	const sin = new Float32Array(positions.length * half);
	positions.forEach((position, p) => {
		frequencies.forEach((frequency, i) => {
			cos[p * half + i] = Math.cos(position * frequency);
			sin[p * half + i] = Math.sin(position * frequency);
		});
	});
	return { cos, sin };
}
