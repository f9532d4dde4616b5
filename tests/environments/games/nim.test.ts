/** @file Nim: the theory of Sprague and Grundy against brute force, positions in any order as one, and what can be typed. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { openEnvironment } from '#environments/registry.ts';
import type { Item } from '#environments/item.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';
import { describeGame } from '../../contracts/describe-game.ts';

const nim = openEnvironment('nim', { working: 'none' });
const summed = openEnvironment('nim');
const legal = openEnvironment('nim', { asks: 'legal', working: 'none' });

const heapsOf = (item: Item): readonly number[] =>
	(item['heaps'] as readonly number[] | undefined) ?? [];

const memo = new Map<string, number>();
/** Without theory: won if some move leaves a lost position; nothing left to take is lost. */
function tried(heaps: readonly number[]): number {
	const key = heaps.toSorted().join();
	const known = memo.get(key);
	if (known !== undefined) return known;
	let value = 0;
	for (const [i, heap] of heaps.entries())
		for (let taken = 1; taken <= Math.min(3, heap) && value === 0; taken++) {
			const left = heaps.map((other, j) => (j === i ? other - taken : other));
			if (tried(left.filter((other) => other > 0)) === 0) value = 1;
		}
	memo.set(key, value);
	return value;
}

describeEnvironment('nim', nim);
describeEnvironment('nim, sums', summed);
describeEnvironment('nim, legal moves', legal);
describeGame(
	nim,
	{
		moves: (item) =>
			[...new Set(heapsOf(item))].flatMap((size) =>
				[1, 2, 3].filter((taken) => taken <= size).map((taken) => `${size}${taken}`),
			),
		value: (item) => tried(heapsOf(item)),
		alike: (item, random) => ({ heaps: random.shuffle(heapsOf(item)) }),
	},
	[2, 3, 4],
);

const item = { heaps: [5, 3] };
const view = { order: 0 };

describe('heaps', () => {
	it('are asked twice over, and answered by the heap and what is taken', async () => {
		expect(nim.open(item, view).first()).toBe('53/53?');
		for (const [said, kind] of [
			['32$', 'correct'],
			['52$', 'correct'],
			['31$', 'wrong'],
			['41$', 'malformed'],
			['54$', 'malformed'],
			['32', 'malformed'],
		] as const)
			expect((await scoreOf(nim, item, view, said)).verdict.kind).toBe(kind);
		expect((await scoreOf(legal, item, view, '31$')).verdict.kind).toBe('correct');
	});

	it('have marks where sums are written, and the last sum is a letter; only the form of it counts', async () => {
		const turned = { order: 0, offset: 15 };
		expect(summed.open(item, turned).first()).toBe('p5a3/p5a3?');
		expect(summed.answers.write(item, turned, summed.reference.solve(item))).toBe('p1a2y52$');
		for (const [said, kind] of [
			['p1a2y52$', 'correct'],
			['p1a2y32$', 'correct'],
			['p3a0x32$', 'correct'],
			['p1a2y31$', 'wrong'],
			['32$', 'malformed'],
			['p1a232$', 'malformed'],
		] as const)
			expect((await scoreOf(summed, item, turned, said)).verdict.kind).toBe(kind);
	});

	it('are answered by the largest heap that will do, whatever their order', () => {
		const many = { heaps: [2, 6, 7, 3, 3] };
		const orders = summed.tasks.views(many, 5, random(3));
		const said = orders.map((one) => summed.answers.write(many, one, summed.reference.solve(many)));
		expect(new Set(said.map((text) => text.slice(-3))).size).toBe(1);
		expect(summed.answers.write(many, { order: 0, offset: 0 }, '73')).toBe('a2b0c3d0e3z73$');
	});

	it('can be typed with spaces or commas; too many or too large ones are refused', () => {
		for (const text of ['5 3', '5,3', ' 5, 3 ']) expect(nim.words.parse(text)).toEqual({ item });
		for (const text of ['5 10', '5 0', '1 2 3 4 5 6 7 1 2 3 4 5 6', '5 x'])
			expect(nim.words.parse(text)).toHaveProperty('error');
	});

	it('are counted where the choice matters, whatever their order', () => {
		// Of two heaps 45 pairs; 11 of them are lost, and four leave more right moves than wrong ones.
		expect(nim.tasks.space(2, 'all')).toBe(30);
	});
});
