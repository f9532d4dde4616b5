/** @file What every test may say: the matcher `toBeAllclose`, after NumPy's. */
import { expect } from 'vitest';

/** How far apart two numbers may be: |received − expected| ≤ absolute + relative · |expected|. */
export interface Tolerance {
	readonly relative?: number;
	readonly absolute?: number;
}

declare module 'vitest' {
	// eslint-disable-next-line @typescript-eslint/no-unused-vars -- must repeat the merged declaration
	interface Matchers<T> {
		/** Every number is within tolerance of the expected one (1e-5 relative, 1e-6 absolute unless told). */
		toBeAllclose(expected: ArrayLike<number>, tolerance?: Tolerance): void;
	}
}

expect.extend({
	toBeAllclose(received: unknown, expected: ArrayLike<number>, tolerance: Tolerance = {}) {
		const { relative = 1e-5, absolute = 1e-6 } = tolerance;
		if (!isNumbers(received))
			return { pass: false, message: () => 'toBeAllclose wants an array of numbers.' };
		if (received.length !== expected.length) {
			const message = `lengths differ: received ${String(received.length)}, expected ${String(expected.length)}`;
			return { pass: false, message: () => message };
		}
		let worst = -1;
		let excess = 0;
		for (let i = 0; i < expected.length; i++) {
			const want = expected[i] ?? Number.NaN;
			const got = received[i] ?? Number.NaN;
			if (Object.is(want, got) || want === got) continue;
			const over = Math.abs(got - want) - absolute - relative * Math.abs(want);
			// NaN and infinities fail every comparison: count them as the worst
			const miss = Number.isFinite(over) ? over : Number.POSITIVE_INFINITY;
			if (miss > excess) [excess, worst] = [miss, i];
		}
		return {
			pass: worst === -1,
			message: () =>
				worst === -1
					? 'all numbers are close, and should not be'
					: `worst at index ${String(worst)}: received ${String(received[worst])}, expected ${String(expected[worst])} (relative ${String(relative)}, absolute ${String(absolute)})`,
		};
	},
});

function isNumbers(value: unknown): value is ArrayLike<number> {
	if (Array.isArray(value)) return value.every((x) => typeof x === 'number');
	return ArrayBuffer.isView(value) && !(value instanceof DataView);
}
