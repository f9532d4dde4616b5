/** @file Small questions: several wordings, one answer, read out of a sentence. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import type { Item } from '#environments/item.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const questions = openEnvironment('questions');
describeEnvironment('questions', questions);

const sum = { kind: 'sum', numbers: [4, 3] };
const difference = { kind: 'difference', numbers: [9, 4] };
const largest = { kind: 'largest', numbers: [17, 64, 30] };
const last = { kind: 'last', words: ['apple', 'river', 'stone'] };
const view = { wording: 0 };

describe('small questions', () => {
	it('are asked in five wordings, the first in an examination', () => {
		const asked = questions.tasks
			.views(difference, 5, random(1))
			.map((each) => questions.open(difference, each).first());
		expect(new Set(asked.map((prompt) => JSON.stringify(prompt))).size).toBe(5);
		expect(asked[0]).toEqual([{ role: 'user', content: 'What is 9 minus 4?' }]);
	});

	it.each([
		[sum, '4 + 3 = 7', 'correct'],
		[sum, 'The sum of 4 and 3 is seven.', 'correct'],
		[sum, 'It is 7, since 3 comes after 4.', 'wrong'],
		[sum, 'I do not know.', 'malformed'],
		[difference, 'If you take 4 away from 9, 5', 'correct'],
		[difference, '9 - 4 = -5', 'wrong'],
		[largest, 'The largest number is 64.', 'correct'],
		[largest, '64.5', 'wrong'],
		[last, 'The last word is "stone".', 'correct'],
		[last, 'Of apple, river and stone the last one is Stone.', 'correct'],
		[last, 'Apple, river, stone.', 'malformed'],
		[last, 'Stone comes after river.', 'wrong'],
		[last, 'The last word is "pebble".', 'malformed'],
	] as const)('%j: "%s" is %s', async (item, answer, kind) => {
		expect((await scoreOf(questions, item, view, answer)).verdict.kind).toBe(kind);
	});

	it('stand in another order in each view where the order does not matter', () => {
		const asked = (item: Item, turn: number) =>
			JSON.stringify(questions.open(item, { wording: 0, turn }).first());
		expect([0, 1, 2, 3].map((turn) => asked(largest, turn))).toEqual([
			expect.stringContaining('17, 64 and 30'),
			expect.stringContaining('64, 30 and 17'),
			expect.stringContaining('30, 17 and 64'),
			expect.stringContaining('17, 64 and 30'),
		]);
		expect(asked(sum, 1)).toContain('3 plus 4');
		expect(asked(difference, 1)).toContain('9 minus 4');
		expect(asked(last, 1)).toContain('apple, river and stone');
		const turns = questions.tasks.views(largest, 5, random(1)).map((each) => each['turn'] ?? 0);
		expect(turns).toEqual([0, 1, 2, 3, 4]);
		expect(() => asked(largest, -1)).toThrow(TypeError);
	});

	it.each([
		{ kind: 'last', words: ['apple', 'apple'] },
		{ kind: 'last', words: ['apple', 'two words'] },
		{ kind: 'last', numbers: [1, 2] },
		{ kind: 'sum', numbers: ['4', '3'] },
	])('%j is no question', (item) => {
		expect(() => questions.open(item, view).first()).toThrow(TypeError);
	});

	it('are one question whatever their order, and one side of the split', () => {
		const turned = { kind: 'largest', numbers: [30, 17, 64] };
		expect(questions.tasks.keyOf(turned)).toBe(questions.tasks.keyOf(largest));
		expect(questions.tasks.keyOf({ kind: 'sum', numbers: [3, 4] })).toBe(
			questions.tasks.keyOf(sum),
		);
	});

	it('are read back from what a person types', () => {
		expect(questions.words.parse('4 + 3')).toEqual({ item: sum });
		expect(questions.words.parse('17, 64, 30')).toEqual({ item: largest });
		expect(questions.words.parse('Please take away: 9 - 4')).toEqual({
			item: difference,
		});
		expect(questions.words.parse('apple, river, stone')).toEqual({ item: last });
		expect(questions.words.parse('Which word comes last: apple, river and stone?')).toEqual({
			item: last,
		});
		expect(questions.words.parse('3 - 4')).toHaveProperty('error');
		expect(questions.words.parse('what?')).toHaveProperty('error');
	});
});

it('types a question only if it can be one', () => {
	for (const text of [
		'What is 5000 plus 3?',
		'What is 4 minus 9?',
		'1000, 2',
		'7',
		'1,2,3,4,5,6,7,8',
		'apple, apple',
		'a, b, c, d, e, f, g, h',
	])
		expect(questions.words.parse(text), text).toHaveProperty('error');
	for (const stratum of ['sum', 'difference'])
		for (const [n, least, most] of [
			[1, 1, 9],
			[2, 10, 20],
			[3, 21, 99],
		] as const) {
			const keys = new Set<string>();
			for (let a = least; a <= most; a++)
				for (let b = 1; b <= (n === 2 ? 9 : most); b++)
					keys.add(questions.tasks.keyOf({ kind: stratum, numbers: [a, b].sort((x, y) => y - x) }));
			expect(questions.tasks.space(n, stratum)).toBe(keys.size);
		}
});
