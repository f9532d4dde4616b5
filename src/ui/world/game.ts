/** @file A game as pictures: each position as a board or as heaps, with the move that was made in it. */
import type { Rollout } from '#loop/rollout/rollout.ts';
import { t } from '../language/language.svelte.ts';

type Moves = NonNullable<Rollout['game']>;

export interface Square {
	readonly stone: 'x' | 'o' | '';
	readonly isMove: boolean;
}
export interface Heap {
	readonly size: number;
	/** Counters that the move takes. */
	readonly taken: number;
}

/** One move: who made it, in words, and what is drawn; neither board nor heaps where the position is of no known form. */
export interface Frame {
	readonly words: string;
	readonly board?: readonly Square[];
	readonly heaps?: readonly Heap[];
}

/** The moves of a game in order; stones keep their colour, `x` for who made the first of them. */
export const framesOf = (game: Moves): readonly Frame[] =>
	game.map((move, i): Frame => {
		const { seat, item, answer } = move;
		const who = i === 0 ? t('game.thisMove', { seat }) : seat;
		if (answer === null) return { words: t('game.illegal', { who }), ...drawn(move, game) };
		const [size, taken] = answer;
		const words =
			'heaps' in item
				? t('game.takes', { who, taken: taken ?? '?', size: size ?? '?' })
				: t('game.square', { who, square: answer });
		return { words, ...drawn(move, game) };
	});

function drawn({ seat, item, answer }: Moves[number], game: Moves): Omit<Frame, 'words'> {
	const { board, heaps } = item;
	if (typeof board === 'string') {
		const isTurned = seat !== game[0]?.seat;
		const [own, other] = isTurned ? (['o', 'x'] as const) : (['x', 'o'] as const);
		return {
			board: Array.from(board, (c, square) => {
				const isMove = answer === String(square + 1);
				const stone = isMove || c === 'x' ? own : c === 'o' ? other : '';
				return { stone, isMove };
			}),
		};
	}
	if (!Array.isArray(heaps)) return {};
	const sizes = heaps.map(Number);
	const at = sizes.indexOf(Number(answer?.charAt(0)));
	return {
		heaps: sizes.map((size, i) => ({ size, taken: i === at ? Number(answer?.charAt(1)) : 0 })),
	};
}
