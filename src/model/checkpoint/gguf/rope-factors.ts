/**
 * @file Llama 3's rope scaling, which GGUF keeps as one factor per frequency, as the settings it came from.
 *
 * With s = clamp(a · f − b, 0, 1), where f is a frequency in turns per token, the factor is 1 / ((1 − s) / F + s),
 * a = L / (high − low) and b = low / (high − low). Only a and b can be seen in the factors, so L is taken as given.
 */

/** `rope_scaling` of a `config.json`. */
export interface Llama3Scaling {
	readonly rope_type: 'llama3';
	readonly factor: number;
	readonly low_freq_factor: number;
	readonly high_freq_factor: number;
	readonly original_max_position_embeddings: number;
}

/** Context that Llama 3 was first trained on; every published scaling starts from it. */
const originalLength = 8192;
/** The factors are stored in F32. */
const tolerance = 1e-4;

/** Factors that this scaling gives, one for each pair of a head. */
export function llama3Factors(
	scaling: Llama3Scaling,
	theta: number,
	headSize: number,
): Float32Array {
	const {
		factor,
		low_freq_factor: low,
		high_freq_factor: high,
		original_max_position_embeddings: length,
	} = scaling;
	return Float32Array.from({ length: headSize / 2 }, (_, i) => {
		const turns = theta ** ((-2 * i) / headSize) / (2 * Math.PI);
		const share = Math.min(1, Math.max(0, (length * turns - low) / (high - low)));
		return 1 / ((1 - share) / factor + share);
	});
}

/** The settings behind the factors; `undefined` where they change nothing. */
export function llama3Scaling(
	factors: Float32Array,
	theta: number,
	headSize: number,
	fail: (problem: string) => never,
): Llama3Scaling | null {
	const strange = (): never =>
		fail('rope_freqs.weight is not a scaling of Llama 3, the one that is supported.');
	if (factors.length !== headSize / 2) return strange();
	const factor = factors.reduce((most, value) => Math.max(most, value), 1);
	if (factor === 1) return null;
	// Points inside the transition: share = a · turns − b.
	const points: (readonly [number, number])[] = [];
	for (const [i, value] of factors.entries()) {
		const share = (1 / value - 1 / factor) / (1 - 1 / factor);
		if (share > 1e-3 && share < 1 - 1e-3)
			points.push([theta ** ((-2 * i) / headSize) / (2 * Math.PI), share]);
	}
	const [first] = points;
	const last = points.at(-1);
	if (!first || !last) return strange();
	const candidates: Llama3Scaling[] = [settings(factor, 1, 4)];
	if (first !== last) {
		const a = (first[1] - last[1]) / (first[0] - last[0]);
		const b = a * first[0] - first[1];
		candidates.push(settings(factor, (originalLength * b) / a, (originalLength * (1 + b)) / a));
	}
	return (
		candidates.find((scaling) => {
			const again = llama3Factors(scaling, theta, headSize);
			return again.every((value, i) => Math.abs(value / (factors[i] ?? 0) - 1) < tolerance);
		}) ?? strange()
	);
}

const settings = (factor: number, low: number, high: number): Llama3Scaling => ({
	rope_type: 'llama3',
	factor,
	low_freq_factor: low,
	high_freq_factor: high,
	original_max_position_embeddings: originalLength,
});
