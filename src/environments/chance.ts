/**
 * @file Chance: the baseline of a score, which is the share that is right of a guesser that knows the form of answers and
 * draws any of that form.
 */

export interface Chance {
	/** What is drawn, for people: `any move that the rules allow`. */
	readonly of: string;
	/** Share of right answers in [0, 1]. */
	share(difficulty: number, stratum: string): number;
}

/** Shares of 3000 guesses each from the difficulty `from` on; past the last there were none. */
export const measured =
	(from: number, shares: readonly number[]) =>
	(difficulty: number): number =>
		shares[difficulty - from] ?? 0;

/** Share of n different symbols that in any order are in the right one: 1 / n!. */
export function oneOrder(n: number): number {
	let share = 1;
	for (let i = 2; i <= n; i++) share /= i;
	return share;
}

/** Share of n symbols, each of `kinds` equally likely, that in any order are in the right one: C(n + k − 1, n) / kⁿ. */
export function anyOrder(n: number, kinds: number): number {
	let share = 1;
	for (let i = 1; i <= n; i++) share *= (kinds + i - 1) / (i * kinds);
	return share;
}
