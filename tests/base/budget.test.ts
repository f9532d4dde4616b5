/** @file Work budgets and quoted values. */
import { describe, expect, it, vi } from 'vitest';
import { BudgetError, workBudget } from '#base/untrusted/budget.ts';
import { quote, shown } from '#base/untrusted/quote.ts';

describe('a budget', () => {
	it('is spent in steps and bytes, and names the reader, the limit and the remedy', () => {
		const budget = workBudget({ steps: 1000, bytes: 1 << 20 }, 'x.json', 'make it smaller.');
		budget.spend(1000);
		budget.make(1 << 20);
		expect(() => budget.spend(1)).toThrow(
			'x.json takes more than 1,000 steps of work; make it smaller.',
		);
		expect(() => budget.make(1)).toThrow('x.json takes more than 1 MB of memory; make it smaller.');
		expect(() => budget.make(1)).toThrow(BudgetError);
	});

	it('is spent by what is no number', () => {
		expect(() => workBudget({ steps: 9 }, 'x', 'y').spend(NaN)).toThrow(BudgetError);
		expect(() => workBudget({ bytes: 9 }, 'x', 'y').make(NaN)).toThrow(BudgetError);
	});

	it('ends with its time', () => {
		const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
		try {
			const budget = workBudget({ milliseconds: 5000 }, 'x', 'stop.');
			budget.spend(2000);
			clock.mockReturnValue(5001);
			expect(() => budget.spend(2000)).toThrow('x takes more than 5 s; stop.');
		} finally {
			clock.mockRestore();
		}
	});
});

describe('a quoted value', () => {
	it.each([
		[undefined, 'undefined'],
		[null, 'null'],
		['a"b', '"a\\"b"'],
		[-1.5, '-1.5'],
		[2n ** 63n, '9223372036854775808'],
		[{ a: [1, '2'], b: {} }, '{"a": [1, "2"], "b": {}}'],
		[Int32Array.of(1, 2), '[1, 2]'],
	])('is JSON: %s', (value, text) => {
		expect(quote(value)).toBe(text);
	});

	it('is short, however long or deep it is', () => {
		let deep: unknown = 'x';
		for (let i = 0; i < 100_000; i++) deep = i % 2 ? [deep] : { a: deep };
		const values = [
			deep,
			'x'.repeat(1e6),
			Array(1e6).fill('y'),
			Object.fromEntries([['k'.repeat(1e6), 1]]),
			{
				get a() {
					throw new Error('no');
				},
			},
		];
		for (const value of values) expect(quote(value).length).toBeLessThanOrEqual(80);
		expect(shown('x'.repeat(1e6))).toHaveLength(80);
	});
});
