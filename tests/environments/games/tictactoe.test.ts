/** @file Tic-tac-toe on four by four: the search against plain minimax, turned boards as one position, and what can be typed. */
import { describe, expect, it } from 'vitest';
import type { Item } from '#environments/item.ts';
import { openEnvironment } from '#environments/registry.ts';
import { describeEnvironment, scoreOf } from '../../contracts/describe-environment.ts';
import { describeGame } from '../../contracts/describe-game.ts';

const tictactoe = openEnvironment('tictactoe');
const legal = openEnvironment('tictactoe', { asks: 'legal' });

const boardOf = (item: Item): string => String(item['board']);
/** Rows of three by their squares, written out by direction. */
const lines = [
	...[0, 1, 4, 5, 8, 9, 12, 13].map((from) => [from, from + 1, from + 2]),
	...[0, 1, 2, 3, 4, 5, 6, 7].map((from) => [from, from + 4, from + 8]),
	...[0, 1, 4, 5].map((from) => [from, from + 5, from + 10]),
	...[2, 3, 6, 7].map((from) => [from, from + 3, from + 6]),
];
const swapped = (board: string): string =>
	board.replace(/[xo]/g, (stone) => (stone === 'x' ? 'o' : 'x'));

/** Minimax without any pruning, for `x`. */
function tried(board: string): number {
	if (lines.some((line) => line.every((square) => board.charAt(square) === 'o'))) return 0;
	if (!board.includes('-')) return 1 / 2;
	let best = 0;
	for (let square = 0; square < 16; square++)
		if (board.charAt(square) === '-') {
			const after = `${board.slice(0, square)}x${board.slice(square + 1)}`;
			best = Math.max(best, 1 - tried(swapped(after)));
		}
	return best;
}

const quarter = (board: string): string =>
	Array.from(board, (_, square) =>
		board.charAt(12 - 4 * (square % 4) + Math.floor(square / 4)),
	).join('');
const mirrored = (board: string): string =>
	(board.match(/.{4}/g) ?? []).map((row) => Array.from(row).reverse().join('')).join('');

describeEnvironment('tictactoe', tictactoe);
describeEnvironment('tictactoe, legal moves', legal);
describeGame(
	tictactoe,
	{
		moves: (item) =>
			Array.from(boardOf(item), (c, square) => (c === '-' ? String(square + 1) : '')).filter(
				Boolean,
			),
		value: (item) => tried(boardOf(item)),
		alike(item, random) {
			let board = boardOf(item);
			for (let turn = random.integer(0, 3); turn > 0; turn--) board = quarter(board);
			return { board: random.integer(0, 1) === 1 ? mirrored(board) : board };
		},
	},
	[4, 5],
);

const item = { board: 'xx-oo--xxo-o-x-o' };
const view = { turn: 0 };

describe('boards', () => {
	it('say of each square which it is and whose, twice over', async () => {
		expect(tictactoe.open(item, view).first()).toBe('ABSdeVWHIj0l2N4p/ABSdeVWHIj0l2N4p?');
		for (const [said, kind] of [
			['S$', 'correct'],
			['4$', 'wrong'],
			['Q$', 'malformed'],
			['A$', 'malformed'],
			['SV$', 'malformed'],
			['', 'malformed'],
		] as const)
			expect((await scoreOf(tictactoe, item, view, said)).verdict.kind).toBe(kind);
		expect((await scoreOf(legal, item, view, '4$')).verdict.kind).toBe('correct');
	});

	it('are no position where the game is over, or somebody has moved too often', async () => {
		for (const board of [
			'xxx-oo-o--------',
			'oxoxoxoxxoxoxoxo',
			'xx--------------',
			'xo',
			'xx?xoooo--------',
		])
			expect((await scoreOf(tictactoe, { board }, view, 'S$')).verdict.kind).toBe('unjudged');
	});

	it('can be typed in rows or in one go', () => {
		for (const text of ['xx-o o--x xo-o -x-o', 'XX-O\nO--X\nXO-O\n-X-O', 'xx-oo--xxo-o-x-o'])
			expect(tictactoe.words.parse(text)).toEqual({ item });
	});
});
