/** @file Instructions with constraints: drawn, said, read back, checked, and never judged where nobody can know. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { drawHeldOut } from '#environments/held-out.ts';
import type { Item } from '#environments/item.ts';
import { groups, holds, kinds, sayConstraint } from '#environments/instructions/constraints.ts';
import { paragraphsOf, sentencesOf, timesOf, wordsOf } from '#environments/instructions/measure.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

/** The constraints alone; substance has its own tests. */
const environment = openEnvironment('instructions', { substance: false });
const view = { plain: true };

describeEnvironment('instructions', environment);
describeEnvironment('instructions with substance', openEnvironment('instructions'));

const items = fc
	.record({
		seed: fc.nat(),
		n: fc.integer({ min: 1, max: 3 }),
		stratum: fc.constantFrom(...groups, undefined),
	})
	.map(({ seed, n, stratum }) => environment.tasks.draw(n, random(seed), stratum));
const each = (check: (item: Item) => Promise<void> | void, numRuns = 300): Promise<void> =>
	fc.assert(
		fc.asyncProperty(items, async (item) => check(item)),
		{ numRuns, seed: 1 },
	);
const constraintsOf = (item: Item): readonly string[] => item['constraints'] as readonly string[];
const kindOf = async (item: Item, answer: string): Promise<string> =>
	(await scoreOf(environment, item, view, answer)).verdict.kind;
const verdict = (constraint: string, answer: string): Promise<string> =>
	kindOf({ request: 'Say something.', constraints: [constraint] }, answer);

describe('instructions', () => {
	it('come from the seed, with as many constraints as their difficulty', () => {
		for (const stratum of groups)
			for (const n of [1, 2, 3]) {
				const item = environment.tasks.draw(n, random(n), stratum);
				expect(environment.tasks.draw(n, random(n), stratum)).toEqual(item);
				expect(environment.tasks.difficultyOf(item)).toBe(n);
				expect(environment.tasks.stratumOf(item)).toBe(stratum);
			}
		expect(() => environment.tasks.draw(4, random(1))).toThrow(RangeError);
		expect(() => environment.tasks.draw(1, random(1), 'toString')).toThrow(RangeError);
	});

	it('can all be kept: the reference answer is right', () =>
		each(async (item) => {
			expect(await kindOf(item, environment.reference.solve(item))).toBe('correct');
		}, 1000));

	it('are rewarded for each constraint that is kept, and right only with all of them', async () => {
		const item = { request: 'Describe a kite.', constraints: ['bullets 2', 'keyword river'] };
		const rewardOf = async (answer: string) => {
			const { verdict, rewards } = await scoreOf(environment, item, view, answer);
			return [verdict.kind, rewards];
		};
		const reward = (value: number) => ({ constraints: { value, weight: 1 } });
		expect(await rewardOf('- a river\n- a kite')).toEqual(['correct', reward(1)]);
		expect(await rewardOf('- a kite\n- a kite')).toEqual(['wrong', reward(0.5)]);
		expect(await rewardOf('A kite.')).toEqual(['wrong', reward(0)]);
		expect(await rewardOf(' ')).toEqual(['malformed', reward(0)]);
		const cut = { item, view, completion: '- a river\n- a', stopReason: 'length' };
		expect((await environment.score(cut)).verdict).toEqual({
			kind: 'malformed',
			reason: 'it was cut off before its end',
		});
	});

	it('are read back from the text that a person or a model writes', () =>
		each((item) => {
			const text = environment.words.show(item);
			expect(environment.words.parse(text)).toEqual({ item });
			expect(environment.words.parse(`  ${text}\n`)).toEqual({ item });
			expect(environment.open(item).first()).toEqual([{ role: 'user', content: text }]);
		}));

	it('have sentences of constraints of which none is another', () => {
		const all = Object.entries(kinds).flatMap(([name, { values }]) =>
			values.map((value) => sayConstraint(`${name} ${value}`)),
		);
		expect(new Set(all).size).toBe(all.length);
	});

	it('are one instruction whatever the order of their constraints', () =>
		each((item) => {
			const turned = { ...item, constraints: [...constraintsOf(item)].reverse() };
			expect(environment.tasks.keyOf(turned)).toBe(environment.tasks.keyOf(item));
			expect(environment.tasks.isHeldOut(turned)).toBe(environment.tasks.isHeldOut(item));
		}));

	it('drawn for training are never held out, and 60 held-out ones are found in every cell', async () => {
		await each((item) => {
			expect(environment.tasks.isHeldOut(item)).toBe(false);
		});
		for (const stratum of groups)
			for (const n of [1, 2, 3]) {
				const found = drawHeldOut(environment, n, stratum, 60, 1);
				expect(new Set(found.map(environment.tasks.keyOf)).size).toBe(60);
				expect(found.every(environment.tasks.isHeldOut)).toBe(true);
				expect(found.every((item) => environment.tasks.stratumOf(item) === stratum)).toBe(true);
			}
	});

	it('never throw at hostile answers, and rarely find the truth in them', async () => {
		await fc.assert(
			fc.asyncProperty(items, fc.string({ unit: 'binary' }), async (item, text) => {
				const kind = await kindOf(item, text);
				expect(['correct', 'wrong', 'malformed']).toContain(kind);
				if (text.trim() === '') expect(kind).toBe('malformed');
			}),
			{ numRuns: 300, seed: 2 },
		);
		for (const text of [
			'{"__proto__":1}',
			'[',
			'```json\n{}\n```',
			'- '.repeat(1e4),
			'<<>>',
			'<'.repeat(1e5),
			'"'.repeat(1e5),
		])
			await each(async (item) => {
				expect(await kindOf(item, text)).not.toBe('unjudged');
			}, 50);
	});

	it('without a constraint cannot be judged, nor can items that are not their own', async () => {
		const parsed = environment.words.parse(
			'Write a poem about rain in the style of a sea captain.',
		);
		expect(parsed).toEqual({
			item: {
				request: 'Write a poem about rain in the style of a sea captain.',
				constraints: [],
			},
		});
		if (!('item' in parsed)) return;
		expect(environment.tasks.stratumOf(parsed.item)).toBe('free');
		expect(environment.tasks.difficultyOf(parsed.item)).toBe(1);
		for (const item of [
			parsed.item,
			{},
			{ request: 'x', constraints: ['bullets 99'] },
			{ request: 'x', constraints: ['__proto__ 1'] },
			{ request: 'x', constraints: 'bullets 3' },
		])
			expect(await kindOf(item, 'An answer.')).toBe('unjudged');
	});

	it('say in one sentence what to type', () => {
		for (const text of ['', ' ', '?', '1 - 1', 'a'.repeat(1e6), 'Use at most 20 words.']) {
			const parsed = environment.words.parse(text);
			expect('error' in parsed && parsed.error).toMatch(/^[A-Z][^.]*\.$/);
		}
	});
});

describe('the checks', () => {
	it.each([
		['bullets 2', '- one\n- two', '- one\n- two\n- three'],
		['title <<>>', '<<A kite>>\nIt flies.', '<< >>\nIt flies.'],
		['letters small', 'it flies.', 'It flies.'],
		['letters capital', 'IT FLIES.', '123'],
		['quoted ""', '"It flies."', 'It "flies".'],
		['commas none', 'It flies and falls.', 'It flies, and falls.'],
		['ending That is all.', 'It flies. That is all.', 'That is all. It flies.'],
		['most-words 20', 'word '.repeat(20), 'word '.repeat(21)],
		['least-words 20', 'word '.repeat(20), 'word '.repeat(19)],
		['sentences 2', 'It flies. Does it?', 'It flies. Does it? Yes!'],
		['paragraphs 2', 'One.\n\nTwo.', 'One.\nTwo.'],
		['keyword river', 'A River runs.', 'Two rivers run.'],
		['keywords river,summer', 'A summer at the river.', 'At the river.'],
		['repeat river,2', 'River, river.', 'River.'],
		['avoid very', 'Every day.', 'Very well.'],
		['opening Once', '“Once upon a time.', 'At once.'],
		['fields title,year', '{"title":"A","year":1}', '{"title":"A","year":"1"}'],
		['fields title,tags', '```json\n{"tags":["a"],"title":"A"}\n```', '{"title":"A"}'],
		['texts 2', '["a","b"]', '["a",2]'],
	])('of "%s" pass what keeps it and nothing near it', async (constraint, right, wrong) => {
		expect(await verdict(constraint, right)).toBe('correct');
		expect(await verdict(constraint, wrong)).toBe('wrong');
	});

	it('of JSON take an object of exactly these keys, and no words around it', () => {
		const constraint = 'fields title,summary';
		expect(holds(constraint, '{"title":"A","summary":"B"}')).toBe(true);
		expect(holds(constraint, '{"title":"A","summary":"B","more":1}')).toBe(false);
		expect(holds(constraint, 'Here it is: {"title":"A","summary":"B"}')).toBe(false);
		expect(holds(constraint, '{"title":"","summary":"B"}')).toBe(false);
		expect(holds(constraint, '["title","summary"]')).toBe(false);
		expect(holds(constraint, 'null')).toBe(false);
	});

	it('count words, sentences and paragraphs as a person would', () => {
		expect(wordsOf("It's a well-known, 3.5-metre kite.")).toEqual([
			"It's",
			'a',
			'well-known',
			'3',
			'5-metre',
			'kite',
		]);
		expect(sentencesOf('Dr. Hill flies it, e.g. on Sundays. "Why?" Because!\nA line')).toEqual([
			'Dr. Hill flies it, e.g. on Sundays.',
			'"Why?"',
			'Because!',
			'A line',
		]);
		expect(sentencesOf('it flies. it falls.')).toHaveLength(2);
		expect(sentencesOf('...\n- \n')).toEqual([]);
		expect(paragraphsOf('\n\nOne\nline.\n \nTwo.\n\n')).toHaveLength(2);
		expect(timesOf('light', 'Light, light! Lighthouse.')).toBe(2);
	});
});
