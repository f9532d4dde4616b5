/** @file What every game of two seats must keep: exact play is never beaten below the value, and guessing earns only chance. */
import { describe, expect, it } from 'vitest';
import { derive, random, type Random } from '#base/random.ts';
import { readAnswer, writeAnswer } from '#environments/answers.ts';
import type { EnvironmentWith } from '#environments/environment.ts';
import type { Item, View } from '#environments/item.ts';
import { cellsOf, scoreOf } from './describe-environment.ts';

type GameOf = EnvironmentWith<'answers' | 'reference' | 'game'>;

/** What a game is, worked out apart from its own code. */
export interface Theory {
	/** Every legal move in canonical form. */
	moves(item: Item): readonly string[];
	/** Value for who has to move, by trying everything. */
	value(item: Item): number;
	/** The same position, turned or in another order. */
	alike(item: Item, random: Random): Item;
}

/** Says a move in a position. */
export type Player = (item: Item, random: Random) => string;

/** Plays one game; the rewards of both seats, and the positions with the moves made in them. */
export async function playOut(
	{ game, answers }: Pick<GameOf, 'game' | 'answers'>,
	start: Item,
	players: Readonly<Record<string, Player>>,
	stream: Random,
) {
	const play = game.open(start);
	const moves: { readonly seat: string; readonly item: Item; readonly move: string }[] = [];
	let asked = play.first();
	for (let ply = 0; Object.keys(asked).length > 0 && ply < 100; ply++) {
		const at: Partial<Record<string, { item: Item; view: View }>> = play.positions?.() ?? {};
		const replies: Record<string, { role: 'assistant'; content: string }> = {};
		for (const seat of Object.keys(asked)) {
			const here = at[seat];
			if (!here) throw new Error('A seat is asked without a position.');
			const move = players[seat]?.(here.item, stream) ?? '';
			moves.push({ seat, item: here.item, move });
			const content = answers.write(here.item, here.view, move);
			replies[seat] = { role: 'assistant', content };
		}
		asked = await play.next(replies);
	}
	const rewards = await play.rewards();
	const of = (seat: string): number => {
		const reward = rewards[seat]?.['outcome'];
		return reward && 'value' in reward ? reward.value : NaN;
	};
	return { first: of('first'), second: of('second'), moves };
}

/** `small` are the difficulties at which everything can be tried; `environment` asks for the best move. */
export function describeGame(environment: GameOf, theory: Theory, small: readonly number[]): void {
	const { tasks, reference, game, name } = environment;
	const cells = cellsOf(environment).filter(({ stratum }) => stratum !== undefined);
	const best: Player = (item) => reference.solve(item);
	const any: Player = (item, stream) => stream.pick(theory.moves(item));
	const isRight = (item: Item, move: string): boolean => reference.isRight?.(item, move) ?? false;

	describe(`${name} as a game`, () => {
		it('calls right exactly the moves that keep the value, in positions in which half are wrong', async () => {
			for (const n of small)
				for (let i = 0; i < 40; i++) {
					const item = tasks.draw(n, random(derive(n, i)));
					const right = [];
					for (const move of theory.moves(item)) {
						const { moves } = await playOut(
							environment,
							item,
							{ first: () => move, second: best },
							random(1),
						);
						const [, next] = moves;
						// Without a next move the game is over: won, or drawn where nobody can move.
						const over = await playOut(environment, item, { first: () => move }, random(1));
						const value = next ? 1 - theory.value(next.item) : over.first;
						if (value === theory.value(item)) right.push(move);
					}
					const called = theory.moves(item).filter((move) => isRight(item, move));
					expect(called).toEqual(right);
					expect(2 * right.length).toBeLessThanOrEqual(theory.moves(item).length);
				}
		});

		it('is never lost below its value by exact play, against anybody', async () => {
			for (const { n } of cells)
				for (let i = 0; i < 30; i++) {
					const stream = random(derive(7, n, i));
					const item = tasks.draw(n, stream);
					const kind = tasks.kindOf?.(item);
					const value = kind === 'win' ? 1 : 1 / 2;
					const { first, second } = await playOut(
						environment,
						item,
						{ first: best, second: any },
						stream,
					);
					expect(first).toBeGreaterThanOrEqual(value);
					expect(first + second).toBe(1);
					const exact = await playOut(environment, item, { first: best, second: best }, stream);
					expect(exact.first).toBe(value);
				}
		});

		it('is lost at once by a move that the rules forbid or that is none', async () => {
			const item = tasks.draw(tasks.difficulty.max, random(3));
			const forbidden = () => 'nonsense';
			const lost = await playOut(environment, item, { first: forbidden, second: best }, random(1));
			expect(lost).toMatchObject({ first: 0, second: 1 });
			expect(lost.moves).toHaveLength(1);
			const later = await playOut(environment, item, { first: best, second: forbidden }, random(1));
			expect(later).toMatchObject({ first: 1, second: 0 });
		});

		it('judges nobody before its end', async () => {
			const play = game.open(tasks.draw(tasks.difficulty.max, random(4)));
			for (const rewards of Object.values(await play.rewards()))
				expect(rewards?.['outcome']).toHaveProperty('unjudged');
		});

		it('gives who guesses a legal move the share of right moves, and who always says the same no more than half', async () => {
			for (const { n } of cells) {
				const stream = random(derive(11, n));
				let [guessed, expected, variance] = [0, 0, 0];
				const constant = new Map<string, number>();
				const count = 300;
				for (let i = 0; i < count; i++) {
					const item = tasks.draw(n, stream);
					const [view = {}] = tasks.views(item, 1, stream);
					const moves = theory.moves(item);
					const right = moves.filter((move) => isRight(item, move));
					const said = writeAnswer(environment, item, view, stream.pick(moves));
					const { verdict } = await scoreOf(environment, item, view, said);
					guessed += Number(verdict.kind === 'correct');
					const share = right.length / moves.length;
					expected += share;
					variance += share * (1 - share);
					for (const move of right) constant.set(move, (constant.get(move) ?? 0) + 1);
				}
				expect(Math.abs(guessed - expected)).toBeLessThan(4 * Math.sqrt(variance));
				expect(Math.max(...constant.values()) / count).toBeLessThan(0.5);
			}
		});

		it('is the same position turned around: key, split and value, and moves read back in every view', () => {
			for (const { n } of cells)
				for (let i = 0; i < 30; i++) {
					const stream = random(derive(13, n, i));
					const item = tasks.draw(n, stream);
					const other = theory.alike(item, stream);
					expect(tasks.keyOf(other)).toBe(tasks.keyOf(item));
					expect(tasks.isHeldOut(other)).toBe(false);
					expect(tasks.kindOf?.(other)).toBe(tasks.kindOf?.(item));
					for (const view of tasks.views(item, 5, stream))
						for (const move of theory.moves(item)) {
							const completion = writeAnswer(environment, item, view, move);
							expect(readAnswer(environment, item, view, completion)).toEqual({ answer: move });
						}
				}
		});

		it('meets held-out positions on its way, and knows each again as an item', async () => {
			let held = 0;
			for (let i = 0; i < 60; i++) {
				const stream = random(derive(17, i));
				const start = tasks.draw(tasks.difficulty.max, stream);
				const { moves } = await playOut(environment, start, { first: any, second: any }, stream);
				expect(tasks.isHeldOut(moves[0]?.item ?? {})).toBe(false);
				held += moves.filter(({ item }) => tasks.isHeldOut(item)).length;
			}
			expect(held).toBeGreaterThan(0);
		});
	});
}
