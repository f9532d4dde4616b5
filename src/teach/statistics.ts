/** @file Differences of the same items before and after, with a 95 % interval by the bootstrap (Efron 1979), seeded; medians. */
import { derive, random } from '#base/random.ts';

/** A mean with its interval. */
export interface Estimate {
	readonly mean: number;
	readonly low: number;
	readonly high: number;
	readonly n: number;
}

const resamples = 1000;

/** Mean of the values over resamples of items; `weights` make it a ratio of sums, e.g. nats per token. */
export function bootstrap(
	values: readonly number[],
	seed: number,
	weights: readonly number[] = values.map(() => 1),
): Estimate {
	const n = values.length;
	if (n === 0) return { mean: 0, low: -Infinity, high: Infinity, n };
	const stream = random(derive(seed, 'bootstrap', n));
	const mean = (index: (i: number) => number): number => {
		let [sum, weight] = [0, 0];
		for (let i = 0; i < n; i++) {
			const at = index(i);
			sum += values[at] ?? 0;
			weight += weights[at] ?? 0;
		}
		return sum / Math.max(weight, Number.EPSILON);
	};
	const means = Array.from({ length: resamples }, () => mean(() => stream.integer(0, n - 1))).sort(
		(a, b) => a - b,
	);
	const at = (share: number): number => means[Math.round(share * (resamples - 1))] ?? NaN;
	// One item says nothing of how others would do.
	if (n === 1) return { mean: mean((i) => i), low: -Infinity, high: Infinity, n };
	return { mean: mean((i) => i), low: at(0.025), high: at(0.975), n };
}

/** The larger of the two middle ones of an even number; 0 of none. */
export function median(values: readonly number[]): number {
	const sorted = values.toSorted((a, b) => a - b);
	return sorted[sorted.length >> 1] ?? 0;
}
