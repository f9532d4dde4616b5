/** @file The blocks world: plans are carried out, and every one that reaches the goal in time is right. */
import { describe, expect, it } from 'vitest';
import { carryOut, keyOfState, planFor } from '#environments/planning/towers.ts';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeCharacters } from '../../contracts/describe-characters.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const blocks = openEnvironment('blocks');

describeEnvironment('blocks', blocks);
describeCharacters('blocks', blocks, 'blocks');

const item = { towers: 'ab c>bca' };
const plain = { shift: 0 };

describe('a plan', () => {
	it('takes all down and builds anew, in the text of the task', () => {
		expect(blocks.open(item, plain).first()).toBe('ab c>bca=');
		expect(blocks.answers.write(item, plain, blocks.reference.solve(item))).toBe('b-cbac$');
	});

	it('moves a block only if nothing stands on it, onto what is free or the table', () => {
		const [bOnC, aDown, bDown] = [
			{ block: 'b', onto: 'c' },
			{ block: 'a', onto: '-' },
			{ block: 'b', onto: '-' },
		];
		expect(carryOut(['ab', 'c'], [bOnC])).toEqual(['a', 'cb']);
		expect(carryOut(['ab', 'c'], [aDown])).toEqual({ stuck: 1 });
		expect(carryOut(['ab', 'c'], [{ block: 'c', onto: 'a' }])).toEqual({ stuck: 1 });
		expect(carryOut(['ab', 'c'], [bDown, bDown])).toEqual({ stuck: 2 });
		expect(carryOut(['ab'], [{ block: 'b', onto: 'b' }])).toEqual({ stuck: 1 });
		expect(carryOut(['ab'], [{ block: 'x', onto: '-' }])).toEqual({ stuck: 1 });
	});

	it('reaches the goal from every start', () => {
		for (let seed = 0; seed < 200; seed++) {
			const drawn = blocks.tasks.draw(2 + (seed % 19), random(seed));
			const [start, goal] = String(drawn['towers'])
				.split('>')
				.map((state) => state.split(' '));
			if (!start || !goal) throw new Error('no problem');
			const after = carryOut(start, planFor(start, goal));
			if ('stuck' in after) expect.fail(`stuck at ${after.stuck}`);
			expect(keyOfState(after)).toBe(keyOfState(goal));
		}
	});

	it('is right if it is another that is as short, and wrong if it goes a long way round', async () => {
		const problem = { towers: 'ab cd>ba dc' };
		const verdict = async (plan: string) =>
			(await scoreOf(blocks, problem, plain, plan)).verdict.kind;
		expect(blocks.reference.solve(problem)).toBe('d-b-abcd');
		expect(await verdict('d-b-abcd$')).toBe('correct');
		expect(await verdict('b-d-abcd$')).toBe('correct');
		expect(await verdict('d-cdb-ab$')).toBe('correct');
		expect(await verdict('b-d-cdc-cdab$')).toBe('wrong');
		expect(await verdict('b-d-ab$')).toBe('wrong');
		expect(await verdict('abcd$')).toBe('wrong');
		expect(await verdict('b-d-abc$')).toBe('malformed');
	});

	it('is right if it is shorter than taking all down', async () => {
		const problem = { towers: 'abc d>ab dc' };
		expect(blocks.reference.solve(problem)).toBe('c-b-bacd');
		expect((await scoreOf(blocks, problem, plain, 'cd$')).verdict.kind).toBe('correct');
	});

	it('is one problem in whatever order towers are named, and none if start and goal are the same', () => {
		expect(blocks.tasks.keyOf({ towers: 'c ab>bca' })).toBe(blocks.tasks.keyOf(item));
		for (const text of ['ab c > c ab', 'ab > abc', 'aa > a', 'ab', 'ab > ba > ab'])
			expect(blocks.words.parse(text)).toHaveProperty('error');
		expect(blocks.words.parse('AB  c>bca')).toEqual({ item });
	});
});
