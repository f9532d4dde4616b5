/** @file Kuhn poker: its known value, exact best responses against brute force, and a game that takes from one what it gives to the other. */
import { describe, expect, it } from 'vitest';
import { derive, random } from '#base/random.ts';
import { after, bestMove, gainsOf, moves } from '#environments/games/kuhn-rules.ts';
import type { Habits, History, Move, Position } from '#environments/games/kuhn-rules.ts';
import { openEnvironment } from '#environments/registry.ts';
import type { Item } from '#environments/item.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';
import { playOut } from '../../contracts/describe-game.ts';

const kuhn = openEnvironment('kuhn-poker');
const { tasks, reference } = kuhn;
describeEnvironment('kuhn-poker', kuhn);

/** Chips that the first mover wins with these cards, where both move as often as they are said to, tried out in full. */
function tried(
	cards: readonly [number, number],
	often: (turn: number, said: History, card: number) => number,
	said: History = 'nothing',
	turn = 0,
): number {
	const [own, other] = turn % 2 === 0 ? cards : [cards[1], cards[0]];
	const of = (move: Move): number => {
		const next = after(said, move, own > other);
		const sign = turn % 2 === 0 ? 1 : -1;
		return 'won' in next ? sign * next.won : tried(cards, often, next.said, turn + 1);
	};
	const p = often(turn, said, own);
	return p * of('bet') + (1 - p) * of('pass');
}

/** Kuhn's equilibrium, in thirds; `alpha` of the first player's bets with the lowest card is free from 0 to 1. */
const second: Habits = { bets: [1, 0, 3], calls: [0, 1, 3] };
const firstOf = (alpha: number): Habits => ({
	bets: [alpha, 0, 3 * alpha],
	calls: [0, 1 + alpha, 3],
});
const own = (habit: readonly number[], card: number): readonly number[] =>
	habit.map((n, i) => (i + 1 === card ? 0 : n));
const against = (said: History, card: number, { bets, calls }: Habits): Position => ({
	...{ deck: 3, card, said, bets: own(bets, card), calls: own(calls, card) },
});
const best = (position: Position): number => Math.max(...Object.values(gainsOf(position)));
/** Chips per game of the best answer to a second player; six deals, three times each. */
const asFirst = (habits: Habits): number =>
	[1, 2, 3].reduce((sum, card) => sum + best(against('nothing', card, habits)), 0) / 18;
const asSecond = (habits: Habits): number =>
	[1, 2, 3].reduce(
		(sum, card) => sum + best(against('pass', card, habits)) + best(against('bet', card, habits)),
		0,
	) / 18;

describe('Kuhn poker', () => {
	it('is worth -1/18 to the first player: neither side of the equilibrium can be exploited', () => {
		expect(asFirst(second)).toBeCloseTo(-1 / 18, 12);
		for (const alpha of [0, 1 / 2, 1]) expect(asSecond(firstOf(alpha))).toBeCloseTo(1 / 18, 12);
	});

	it('is exploited where somebody plays otherwise, and not where the first bets more than it may', () => {
		expect(asFirst({ bets: [0, 0, 0], calls: [3, 3, 3] })).toBeGreaterThan(0.2);
		expect(asFirst({ bets: [3, 3, 3], calls: [0, 0, 0] })).toBeCloseTo(4 / 3, 12);
		expect(asSecond(firstOf(2))).toBeGreaterThan(1 / 18 + 0.01);
	});

	it('says of each move what playing every deal out says', () => {
		for (let i = 0; i < 300; i++) {
			const item = tasks.draw(3 + (i % 6), random(derive(1, i)));
			const position = item as unknown as Position;
			const { deck, card, said, bets, calls } = position;
			const gainOf = (move: Move, later: number): number => {
				let sum = 0;
				for (let other = 1; other <= deck; other++) {
					if (other === card) continue;
					const [b = 0, c = 0] = [bets[other - 1], calls[other - 1]];
					// How often of three times the other would have said what it said.
					const weight = said === 'nothing' ? 3 : said === 'pass' ? 3 - b : b;
					sum +=
						weight *
						tried(
							[card, other],
							(turn, now) => {
								if (turn === 0) return Number(move === 'bet');
								if (turn === 2) return later;
								return (now === 'pass' ? b : c) / 3;
							},
							said,
						);
				}
				return sum;
			};
			for (const move of moves)
				expect(gainsOf(position)[move]).toBeCloseTo(Math.max(gainOf(move, 0), gainOf(move, 1)), 9);
		}
	});

	it('asks where one move gains more, pass and bet equally often', async () => {
		let bets = 0;
		for (let i = 0; i < 400; i++) {
			const item = tasks.draw(3 + (i % 6), random(derive(2, i)));
			expect(bestMove(item as unknown as Position)).toBeDefined();
			const { verdict } = await scoreOf(kuhn, item, { downwards: false }, 'bet');
			bets += Number(verdict.kind === 'correct');
		}
		expect(Math.abs(bets / 400 - 1 / 2)).toBeLessThan(0.1);
	});

	it('is told in words, and answered with one of them', async () => {
		const item: Item = { deck: 3, card: 3, said: 'bet', bets: [1, 0, 0], calls: [0, 1, 0] };
		const [message] = kuhn.open(item, { downwards: false }).first();
		expect(JSON.stringify(message)).toContain(
			'You have the 3. The other player bets with a 1 one time in three, with a 2 never.',
		);
		for (const [said, kind] of [
			['Bet.', 'correct'],
			['I pass', 'wrong'],
			['Pass or bet?', 'malformed'],
			['bet bet bet '.repeat(50), 'correct'],
			['better', 'malformed'],
		] as const)
			expect((await scoreOf(kuhn, item, { downwards: false }, said)).verdict.kind).toBe(kind);
	});

	it('is one problem whatever nobody could be influenced by: calls after a bet', () => {
		const item: Item = { deck: 3, card: 2, said: 'bet', bets: [1, 0, 2], calls: [0, 0, 0] };
		expect(tasks.keyOf({ ...item, calls: [3, 0, 3] })).toBe(tasks.keyOf(item));
		expect(tasks.keyOf({ ...item, bets: [1, 0, 3] })).not.toBe(tasks.keyOf(item));
	});
});

describe('the game', () => {
	it('gives one seat what it takes from the other, by the cards and nothing else', async () => {
		const seen = new Set<number>();
		for (let i = 0; i < 200; i++) {
			const item = tasks.draw(3 + (i % 6), random(derive(3, i)), 'nothing');
			const any = () => random(derive(4, i, seen.size)).pick(moves);
			const { first, second: other } = await playOut(
				kuhn,
				item,
				{ first: any, second: any },
				random(i),
			);
			expect(first + other).toBe(1);
			seen.add(first);
		}
		expect([...seen].every((value) => [0, 1 / 4, 3 / 4, 1].includes(value))).toBe(true);
		expect(seen.size).toBeGreaterThan(2);
	});

	it('shows each seat its own card alone, and no habits', async () => {
		const item = tasks.draw(5, random(5), 'nothing');
		const play = kuhn.game.open(item);
		const cards: unknown[] = [];
		let asked = play.first();
		while (Object.keys(asked).length > 0) {
			const [[seat, here] = ['', undefined]] = Object.entries(play.positions?.() ?? {});
			expect(here?.item).toMatchObject({ bets: [], calls: [] });
			cards.push(here?.item['card']);
			expect(JSON.stringify(asked[seat])).toContain(`You have the ${String(here?.item['card'])}.`);
			expect(JSON.stringify(asked[seat])).not.toContain('time');
			asked = await play.next({ [seat]: { role: 'assistant', content: 'bet' } });
		}
		expect(cards).toHaveLength(2);
		expect(cards[0]).toBe(item['card']);
		expect(cards[1]).not.toBe(cards[0]);
	});

	it('is lost at once by a reply that is no move, and judges nobody before its end', async () => {
		const item = tasks.draw(4, random(6), 'nothing');
		expect(await kuhn.game.open(item).rewards()).toMatchObject({
			first: { outcome: { unjudged: expect.any(String) as string } },
		});
		const players = { first: () => 'nonsense', second: () => 'bet' };
		expect(await playOut(kuhn, item, players, random(1))).toMatchObject({ first: 0, second: 1 });
	});

	it('knows the best reply to somebody of whom nothing is known as to one who tosses a coin', () => {
		const unknown = { deck: 3, bets: [], calls: [], said: 'bet' };
		expect(reference.solve({ ...unknown, card: 1 })).toBe('pass');
		expect(reference.solve({ ...unknown, card: 3 })).toBe('bet');
	});
});
