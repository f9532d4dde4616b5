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

export interface Thing {
	/** `small red plain ball` */
	readonly name: string;
	/** It is meant, or was chosen. */
	readonly isMeant: boolean;
}

/** One move: who made it, in words, and what is drawn; nothing where the position is of no known form. */
export interface Frame {
	readonly words: string;
	readonly board?: readonly Square[];
	readonly heaps?: readonly Heap[];
	/** Own card, of how many. */
	readonly card?: readonly [card: number, deck: number];
	readonly things?: readonly Thing[];
}

/** The moves of a game in order; stones keep their colour, `x` for who made the first of them. */
export const framesOf = (game: Moves): readonly Frame[] =>
	game.map((move, i): Frame => {
		const { seat, item, answer } = move;
		const who = i === 0 ? t('game.thisMove', { seat }) : seat;
		if (answer === null) return { words: t('game.illegal', { who }), ...drawn(move, game) };
		const [size, taken] = answer;
		if ('heaps' in item)
			return {
				words: t('game.takes', { who, taken: taken ?? '?', size: size ?? '?' }),
				...drawn(move, game),
			};
		const words =
			'board' in item
				? t('game.square', { who, square: answer })
				: t('game.says', { who, said: answer });
		return { words, ...drawn(move, game) };
	});

function drawn({ seat, item, answer }: Moves[number], game: Moves): Omit<Frame, 'words'> {
	const { board, heaps, card, deck, objects, target } = item;
	if (typeof card === 'number' && typeof deck === 'number') return { card: [card, deck] };
	if (Array.isArray(objects)) {
		const meant = Number(target ?? answer);
		return { things: objects.map((name, i) => ({ name: String(name), isMeant: i + 1 === meant })) };
	}
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
