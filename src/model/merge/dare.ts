/**
 * @file DARE (Yu et al. 2023, arXiv 2311.03099): drops values of a task vector at random and rescales the rest, which
 * preserves its expectation; sparse vectors interfere less when they are added.
 */
import type { Random } from '#base/random.ts';

/** Keeps each value with probability `density`, divided by it; all randomness comes from the stream. */
export function dropAndRescale(
	vector: Float32Array,
	density: number,
	stream: Random,
): Float32Array {
	if (density >= 1) return vector;
	return vector.map((value) => (stream.next() < density ? value / density : 0));
}
