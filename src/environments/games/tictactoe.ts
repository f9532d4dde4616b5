/**
 * @file Tic-tac-toe on a board of four by four, three in a row; difficulty is the number of empty squares.
 *
 * A position is seen by the seat that has to move: its own stones are `x`, the other's `o`. Each square is one character
 * that says both which it is and what is on it: `A` to `P` an own stone, `a` to `p` another's, and the rest an empty
 * square, by which it is named in an answer. Right is a move that keeps the value of a full search.
 */
import type { Random } from '#base/random.ts';
import { letterMarks, letters } from '../alphabet.ts';
import { measured } from '../chance.ts';
import { defineEnvironment, type Environment } from '../environment.ts';
import type { Item, View } from '../item.ts';
import { squares, valueOf, type Board } from './board.ts';
import { hasLine, isFull, symmetries } from './board.ts';
import type { Rules } from './rules.ts';
import { asksKnob, twoPlayer, type Asks } from './two-player.ts';

const own = letterMarks.slice(0, squares);
const others = letters.slice(0, squares);
const empty = letterMarks.slice(squares);

/** Empty squares up to which positions are asked: with more, nearly every move wins. */
const mostEmpty = 12;

const charOf = ({ own: x, other: o }: Board, square: number): string =>
	(x >> square) & 1 ? 'x' : (o >> square) & 1 ? 'o' : '-';
const textOf = (board: Board): string =>
	Array.from({ length: squares }, (_, square) => charOf(board, square)).join('');

function boardOf(text: string): Board {
	const maskOf = (stone: string): number =>
		Array.from(text).reduce((mask, c, square) => (c === stone ? mask | (1 << square) : mask), 0);
	return { own: maskOf('x'), other: maskOf('o') };
}

const countOf = (mask: number): number => {
	let count = 0;
	for (let rest = mask; rest > 0; rest &= rest - 1) count++;
	return count;
};

/** Whether it can come up, and the game is not over: both have moved equally often, or the other once more. */
function isPosition(board: Board): boolean {
	const ahead = countOf(board.other) - countOf(board.own);
	return (
		(ahead === 0 || ahead === 1) && !isFull(board) && !hasLine(board.own) && !hasLine(board.other)
	);
}

function read({ board: text }: Item): Board {
	if (typeof text === 'string' && /^[xo-]{16}$/.test(text)) {
		const board = boardOf(text);
		if (isPosition(board)) return board;
	}
	throw new TypeError('A position has 16 squares of x, o and hyphens, and a move to make.');
}

/** Square → square in a view. */
function turned({ turn }: View): readonly number[] {
	const symmetry = typeof turn === 'number' ? symmetries[turn] : undefined;
	if (!symmetry) throw new TypeError("The view's turn must be a whole number from 0 to 7.");
	return symmetry;
}

const rules: Rules<Board> = {
	difficulty: { min: 4, max: mostEmpty },
	guessed: measured(4, [0.421, 0.307, 0.361, 0.257, 0.284, 0.179, 0.208, 0.157, 0.23]),
	space: () => Infinity,
	read,
	itemOf: (board) => ({ board: textOf(board) }),
	moves: (board) =>
		hasLine(board.other)
			? []
			: Array.from(textOf(board), (c, square) => (c === '-' ? String(square + 1) : '')).filter(
					(move) => move !== '',
				),
	after: ({ own: x, other: o }, move) => ({ own: o, other: x | (1 << (Number(move) - 1)) }),
	value: valueOf,
	difficultyOf: ({ own: x, other: o }) => squares - countOf(x | o),
	sample(free, random: Random) {
		for (;;) {
			const places = random.shuffle(Array.from({ length: squares }, (_, square) => square));
			const stones = squares - free;
			const mask = (from: number, to: number): number =>
				places.slice(from, to).reduce((sum, square) => sum | (1 << square), 0);
			const mine = Math.floor(stones / 2);
			const board = { own: mask(0, mine), other: mask(mine, stones) };
			if (isPosition(board)) return board;
		}
	},
	keyOf(board) {
		const text = textOf(board);
		const all = symmetries.map((symmetry) => {
			const seen = Array<string>(squares).fill('-');
			symmetry.forEach((to, from) => (seen[to] = text.charAt(from)));
			return seen.join('');
		});
		return all.sort()[0] ?? text;
	},
	plain: { turn: 0 },
	drawView: (random) => ({ turn: random.integer(0, symmetries.length - 1) }),
	write(board, view) {
		const seen = Array<string>(squares).fill('');
		turned(view).forEach((to, from) => {
			const stone = charOf(board, from);
			seen[to] = (stone === 'x' ? own : stone === 'o' ? others : empty).charAt(to);
		});
		return seen.join('');
	},
	writeMove: (move, view) => empty.charAt(turned(view)[Number(move) - 1] ?? -1),
	readMove(text, view) {
		const square = text.length === 1 ? turned(view).indexOf(empty.indexOf(text)) : -1;
		return square < 0 ? undefined : String(square + 1);
	},
};

/** Rows of four, as people read a board. */
const rowsOf = (text: string): string => (text.match(/.{4}/g) ?? []).join(' ');

function parse(text: string): { item: Item } | { error: string } {
	const board = text.length > 200 ? '' : text.toLowerCase().replace(/\s+/g, '');
	if (/^[xo-]{16}$/.test(board) && isPosition(boardOf(board))) return { item: { board } };
	return {
		error:
			'Type x and o for stones and a hyphen for an empty square, in four rows, like xx-o o--x xo-o -x-o.',
	};
}

export const tictactoe = defineEnvironment({
	name: 'tictactoe',
	title: 'Tic-tac-toe',
	ability: 'communication',
	about:
		'Makes a move on a board of four by four, where three in a row win; each empty square more is a step harder.',
	papers: ['https://arxiv.org/abs/2404.10642'],
	knobs: { asks: asksKnob },
	create: ({ asks }: { readonly asks: Asks }) =>
		({
			name: 'tictactoe',
			...twoPlayer('tictactoe', rules, asks),
			maxTokens: () => ({ prompt: 2 * squares + 2, answer: 2 }),
			words: {
				title: asks === 'best' ? 'Tic-tac-toe' : 'Tic-tac-toe, legal moves',
				noun: ['position', 'positions'],
				verb: 'play',
				unit: 'empty squares',
				notation:
					'Each character is a square, and the board stands there twice: A to P is an own stone, a to p the other’s, anything else an empty square, by which a move names it.',
				show: (item) => rowsOf(textOf(read(item))),
				parse,
			},
		}) satisfies Environment,
});
