/** @file Calculations with a few whole numbers, step by step: which steps can be made, what they come to, and a search. */

export const signs = ['+', '-', '*', '/'] as const;
export type Sign = (typeof signs)[number];

/** One step: two numbers that are at hand become one. */
export interface Step {
	readonly a: number;
	readonly sign: Sign;
	readonly b: number;
	readonly result: number;
}

/** Largest number on the way. */
export const largest = 999;

/** What a step comes to: a whole number from 1 to the largest; undefined otherwise. */
export function resultOf(a: number, sign: Sign, b: number): number | undefined {
	const result = { '+': a + b, '-': a - b, '*': a * b, '/': a / b }[sign];
	return Number.isInteger(result) && result >= 1 && result <= largest ? result : undefined;
}

/** The numbers without the two that a step takes, and with what it comes to; undefined if they are not at hand. */
export function afterStep(
	numbers: readonly number[],
	{ a, b, result }: Step,
): readonly number[] | undefined {
	const i = numbers.indexOf(a);
	const j = numbers.findIndex((one, at) => one === b && at !== i);
	if (i < 0 || j < 0) return undefined;
	return [...numbers.filter((_one, at) => at !== i && at !== j), result];
}

/** Every step that numbers allow; of a sum or a product one order, the larger number first. */
export function stepsFrom(numbers: readonly number[]): readonly Step[] {
	const steps = new Map<string, Step>();
	for (const [i, x] of numbers.entries())
		for (const y of numbers.slice(i + 1))
			for (const sign of signs) {
				const [a, b] = x >= y ? [x, y] : [y, x];
				const result = resultOf(a, sign, b);
				if (result !== undefined) steps.set(`${a}${sign}${b}`, { a, sign, b, result });
			}
	return [...steps.values()];
}

const keyOf = (numbers: readonly number[]): string => numbers.toSorted((a, b) => a - b).join();

/** Steps that use all of the numbers up and come to the target; null if there are none. */
export function search(numbers: readonly number[], target: number): readonly Step[] | null {
	const dead = new Set<string>();
	const from = (left: readonly number[]): readonly Step[] | null => {
		if (left.length === 1) return left[0] === target ? [] : null;
		const key = keyOf(left);
		if (dead.has(key)) return null;
		for (const step of stepsFrom(left)) {
			const rest = afterStep(left, step);
			const found = rest && from(rest);
			if (found) return [step, ...found];
		}
		dead.add(key);
		return null;
	};
	return from(numbers);
}
