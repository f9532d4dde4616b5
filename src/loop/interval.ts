/** @file Wilson's score interval (Wilson 1927): how sure a share is, sound at 0 and 1 and for small n. */

/** [low, high] of the true share behind `correct` of `n`; `z` 1.96 is 95 %. Nothing seen: [0, 1]. */
export function wilson(correct: number, n: number, z = 1.96): readonly [low: number, high: number] {
	if (n === 0) return [0, 1];
	const share = correct / n;
	const square = z ** 2;
	const middle = (share + square / (2 * n)) / (1 + square / n);
	const half = (z * Math.sqrt((share * (1 - share) + square / (4 * n)) / n)) / (1 + square / n);
	return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
