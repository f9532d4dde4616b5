/** @file Hardware probe for models: memory, cores, a GPU, free disk space, and speed of a matrix product. */

/** Result of the probe; a browser reports little. */
export interface Probe {
	readonly where: 'page' | 'terminal';
	readonly cores: number;
	/** Of the whole machine; browsers round down and stop at 8 GiB. */
	readonly memoryBytes?: number;
	/** `memoryBytes` is the most that a browser reports, not the real amount. */
	readonly memoryIsLeast?: boolean;
	readonly gpu?: { readonly name: string; readonly isEmulated: boolean };
	readonly space?: { readonly used: number; readonly quota: number };
	/** Of `multiplySpeed` here. */
	readonly gigaflops?: number;
}

/** `multiplySpeed` of the idle machine on which the figures of fit.ts were measured. */
export const referenceGigaflops = 1.6;

const size = 128;

/**
 * Billions of F32 operations a second of a plain product of matrices in JavaScript, on one core: the best of
 * several, since others may be at work. Takes some 20 ms.
 */
export function multiplySpeed(now: () => number): number {
	const [a, b, c] = [1, 2, 3].map((n) =>
		new Float32Array(size * size).map((_, i) => ((i * n) % 7) / 7),
	);
	if (!a || !b || !c) return 0;
	let best = Infinity;
	for (let n = 0; n < 6; n++) {
		const start = now();
		multiply(a, b, c);
		best = Math.min(best, now() - start);
	}
	// Some browsers round their clocks to a tenth of a millisecond, or more.
	return (2 * size ** 3) / 1e6 / Math.max(best, 0.1);
}

function multiply(a: Float32Array, b: Float32Array, c: Float32Array): void {
	c.fill(0);
	for (let i = 0; i < size; i++)
		for (let k = 0; k < size; k++) {
			const x = a[i * size + k] ?? 0;
			for (let j = 0; j < size; j++)
				c[i * size + j] = (c[i * size + j] ?? 0) + x * (b[k * size + j] ?? 0);
		}
}
