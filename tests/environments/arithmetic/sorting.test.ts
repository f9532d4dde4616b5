/** @file Sorting: marks of origin, repeats, shuffled views, and lists in any order as one problem. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shownPrompt } from '#base/prompt.ts';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';
import { describeIndexHints } from '../../contracts/describe-index-hints.ts';

const sorting = openEnvironment('sorting');

describeEnvironment('sorting', sorting);
describeIndexHints('sorting', sorting, 'sorting');

const item = { digits: '7535' };
const view = { offset: 0, order: 0 };
const lists = fc.string({
	unit: fc.constantFrom(...Array.from('0123456789')),
	minLength: 1,
	maxLength: 30,
});

describe('lists', () => {
	it('are sorted with the mark each digit came with, equal ones in their order', () => {
		expect(sorting.open(item, view).first()).toBe('a7b5c3d5=');
		expect(sorting.answers.write(item, view, '3557')).toBe('c3b5d5a7$');
		expect(sorting.reference.solve(item)).toBe('3557');
		expect(sorting.words.show(item)).toBe('7 5 3 5');
	});

	it('keep every digit and put none before a smaller one', () => {
		fc.assert(
			fc.property(lists, (digits) => {
				const answer = sorting.reference.solve({ digits });
				for (let i = 1; i < answer.length; i++)
					expect(Number(answer[i])).toBeGreaterThanOrEqual(Number(answer[i - 1]));
				for (const digit of '0123456789')
					expect(answer.split(digit).length).toBe(digits.split(digit).length);
			}),
			{ seed: 1 },
		);
	});

	it('are the same problem in whatever order they come', () => {
		fc.assert(
			fc.property(lists, fc.nat(), (digits, seed) => {
				const other = random(seed).shuffle(Array.from(digits)).join('');
				expect(sorting.tasks.keyOf({ digits: other })).toBe(sorting.tasks.keyOf({ digits }));
				expect(sorting.tasks.isHeldOut({ digits: other })).toBe(
					sorting.tasks.isHeldOut({ digits }),
				);
			}),
			{ seed: 1 },
		);
	});

	it('never show a held-out list, not even shuffled in a view', () => {
		const stream = random(6);
		for (let i = 0; i < 500; i++) {
			const drawn = sorting.tasks.draw(6, stream);
			for (const each of sorting.tasks.views(drawn, 5, stream)) {
				const digits = shownPrompt(sorting.open(drawn, each).first()).replace(/^.*_|[^0-9]/g, '');
				expect(sorting.tasks.isHeldOut({ digits })).toBe(false);
			}
		}
	});

	it('count as many problems as there are multisets', () => {
		expect([1, 2, 3, 4, 8].map((n) => sorting.tasks.space(n, 'all'))).toEqual([
			10, 55, 220, 715, 24_310,
		]);
	});

	it('are wrong with a digit lost, repeated or out of order', async () => {
		expect((await scoreOf(sorting, item, view, 'c3b5a7$')).verdict.kind).toBe('wrong');
		expect((await scoreOf(sorting, item, view, 'c3b5d5a5$')).verdict.kind).toBe('wrong');
		expect((await scoreOf(sorting, item, view, 'b5c3d5a7$')).verdict.kind).toBe('wrong');
	});

	it('may exchange the marks of equal digits, but use each mark once and none from elsewhere', async () => {
		expect((await scoreOf(sorting, item, view, 'c3d5b5a7$')).verdict.kind).toBe('correct');
		expect(sorting.answers.read(item, view, 'c3b5b5a7$')).toEqual({
			malformed: 'mark 3 comes twice',
		});
		expect(sorting.answers.read(item, view, 'c3b5d5e7$')).toEqual({
			malformed: 'mark 4 is not in the list',
		});
		expect(sorting.answers.read(item, view, 'c3b5dxa7$')).toEqual({
			malformed: 'mark 3 has no digit',
		});
		expect(sorting.answers.read(item, view, '_3b5d5a7$')).toEqual({
			malformed: 'mark 1 is not in the list',
		});
	});

	it('can be answered with any digits that a model may claim', () => {
		fc.assert(
			fc.property(lists, lists, fc.nat(), (digits, claim, order) => {
				const answer = claim.slice(0, digits.length);
				const seen = { offset: 29, order };
				const completion = sorting.answers.write({ digits }, seen, answer);
				expect(sorting.answers.read({ digits }, seen, completion)).toEqual({ answer });
			}),
			{ seed: 1 },
		);
	});

	it('can be typed with spaces, commas or nothing between; larger numbers are refused', () => {
		for (const text of ['7 5 3 5', '7,5,3,5', '7535', ' 7, 5 3,5 '])
			expect(sorting.words.parse(text)).toEqual({ item });
		for (const text of ['12 5', '7 -5', '7;5', '1'.repeat(31)])
			expect(sorting.words.parse(text)).toHaveProperty('error');
	});
});
