/**
 * @file Llama 3's rope scaling, recovered from GGUF's one divisor per frequency.
 *
 * With f rotations per token and s = clamp(a · f − b, 0, 1) the divisor is 1 / (s + (1 − s) / F), with a = L / (high −
 * low) and b = low / (high − low). It determines only F, a and b, so L is assumed.
 */
import { inverseFrequencies, type RopeScaling, type Rotary } from '../../rope.ts';

/** Context of Llama 3's pre-training; the published scalings start from it. */
const originalLength = 8192;
/** The divisors are stored in F32. */
const tolerance = 1e-4;

const unscaled = (theta: number, headSize: number, i: number) => theta ** ((-2 * i) / headSize);

/** Divisors of a model's frequencies, one for each pair of a head. */
export const ropeFactors = (rotary: Rotary): Float32Array =>
	Float32Array.from(
		inverseFrequencies(rotary),
		(frequency, i) => unscaled(rotary.ropeTheta, rotary.headSize, i) / frequency,
	);

/** The scaling behind the divisors; `undefined` if they change nothing. */
export function readRopeFactors(
	factors: Float32Array,
	theta: number,
	headSize: number,
	fail: (problem: string) => never,
): RopeScaling | undefined {
	const strange = (): never =>
		fail('rope_freqs.weight is not a scaling of Llama 3, the one that is supported.');
	if (factors.length !== headSize / 2) return strange();
	const factor = factors.reduce((most, value) => Math.max(most, value), 1);
	if (factors.every((value) => value === 1)) return undefined;
	// Points inside the blend: share = a · turns − b.
	const points: (readonly [number, number])[] = [];
	for (const [i, value] of factors.entries()) {
		const share = (1 / value - 1 / factor) / (1 - 1 / factor);
		if (share > 1e-3 && share < 1 - 1e-3)
			points.push([unscaled(theta, headSize, i) / (2 * Math.PI), share]);
	}
	const candidates = [settings(factor, 1, 4)];
	const [first] = points;
	const last = points.at(-1);
	if (first && last && first !== last) {
		const a = (first[1] - last[1]) / (first[0] - last[0]);
		const b = a * first[0] - first[1];
		candidates.push(settings(factor, (originalLength * b) / a, (originalLength * (1 + b)) / a));
	}
	return (
		candidates.find((ropeScaling) => {
			const again = ropeFactors({ headSize, ropeTheta: theta, ropeScaling });
			return again.every((value, i) => Math.abs(value / (factors[i] ?? 0) - 1) < tolerance);
		}) ?? strange()
	);
}

const settings = (factor: number, low: number, high: number): RopeScaling => ({
	kind: 'llama3',
	factor,
	lowFrequencyFactor: low,
	highFrequencyFactor: high,
	originalContextLength: originalLength,
});
