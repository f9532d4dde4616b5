/** @file Shares, means and rank correlations of few items. */
import { wilson } from '#loop/interval.ts';

/** `45 of 90 (95 %: 0.40 to 0.60)`, by Wilson. */
export const shareOf = (found: number, n: number): string => {
	const [low, high] = wilson(found, n);
	return `${found} of ${n} (95 %: ${low.toFixed(2)} to ${high.toFixed(2)})`;
};

export const mean = (values: readonly number[]): number =>
	values.reduce((sum, v) => sum + v, 0) / values.length;

/** Spearman's rank correlation, ties by their mean rank. */
export function spearman(a: readonly number[], b: readonly number[]): number {
	const ranks = (values: readonly number[]): readonly number[] =>
		values.map(
			(v) =>
				values.filter((other) => other < v).length +
				(values.filter((other) => other === v).length - 1) / 2,
		);
	const [x, y] = [ranks(a), ranks(b)];
	const [mx, my] = [mean(x), mean(y)];
	const sum = (f: (i: number) => number): number => x.reduce((all, _, i) => all + f(i), 0);
	const dx = (i: number): number => (x[i] ?? 0) - mx;
	const dy = (i: number): number => (y[i] ?? 0) - my;
	return sum((i) => dx(i) * dy(i)) / Math.sqrt(sum((i) => dx(i) ** 2) * sum((i) => dy(i) ** 2));
}
