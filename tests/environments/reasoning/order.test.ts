/** @file Transitive order: facts from either side, in any sequence, and what is no order. */
import { describe, expect, it } from 'vitest';
import { openEnvironment } from '#environments/registry.ts';
import { describeCharacters } from '../../contracts/describe-characters.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';

const order = openEnvironment('order');

describeEnvironment('order', order);
describeCharacters('order', order, 'order');

const item = { facts: 'c<a f>a b<c' };
const plain = { shift: 0, order: 0 };

describe('an order', () => {
	it('follows from facts about neighbours, whichever of the two comes first', () => {
		expect(order.open(item, plain).first()).toBe('c<a f>a b<c=');
		expect(order.reference.solve(item)).toBe('bcaf');
		expect(order.reference.solve({ facts: 'a>c b<c a<f' })).toBe('bcaf');
	});

	it('is one problem however it is told, and another once two names change places', () => {
		expect(order.tasks.keyOf({ facts: 'a<f a>c c>b' })).toBe(order.tasks.keyOf(item));
		expect(order.tasks.keyOf({ facts: 'c<f a>f b<c' })).not.toBe(order.tasks.keyOf(item));
	});

	it('is asked under other names in a view, and read back under its own', async () => {
		const view = { shift: 25, order: 0 };
		expect(order.open(item, view).first()).toBe('b<z e>z a<b=');
		expect(order.answers.write(item, view, 'bcaf')).toBe('abze$');
		expect(order.answers.read(item, view, 'abze$')).toEqual({ answer: 'bcaf' });
		expect((await scoreOf(order, item, view, 'abze$')).verdict.kind).toBe('correct');
		expect((await scoreOf(order, item, view, 'bcaf$')).verdict.kind).toBe('wrong');
	});

	it.each([
		['a circle', 'a<b b<c c<a'],
		['a fork', 'a<b a<c'],
		['two chains', 'a<b c<d'],
		['someone below himself', 'a<a'],
		['a fact told twice', 'a<b a<b'],
	])('is refused if its facts are %s', (_what, facts) => {
		expect(order.words.parse(facts)).toHaveProperty('error');
		expect(() => order.reference.solve({ facts })).toThrow(TypeError);
	});

	it('goes wrong by name', () => {
		const wayOf = (answer: string) => order.faults.find(item, answer)?.way;
		expect(['bca', 'bcafx', 'cbaf', 'bcax'].map(wayOf)).toEqual([
			'leaves-out',
			'goes-on',
			'wrong-order',
			'another',
		]);
	});
});
