/** @file Rules of a game of two seats that move in turn, with its exact value under best play. */
import type { Random } from '#base/random.ts';
import type { Item, View } from '../item.ts';

/** `P` is a position, seen by the seat that has to move. */
export interface Rules<P> {
	/** The position of an item; throws a TypeError where it is none, or the game is over in it. */
	read(item: Item): P;
	itemOf(position: P): Item;
	/** Legal moves in canonical form, all different; none if the game is over. */
	moves(position: P): readonly string[];
	/** The position after a legal move, seen by the other seat. */
	after(position: P, move: string): P;
	/** Value for the seat that has to move if both play best: 0 lost, 1/2 drawn, 1 won. */
	value(position: P): number;
	/** Number of moves, heaps or squares that make a position hard. */
	difficultyOf(position: P): number;
	/** Any position of this difficulty. */
	sample(difficulty: number, random: Random): P;
	/** Equal for positions that are the same up to symmetry. */
	keyOf(position: P): string;
	/** Share of right moves among the legal ones of positions of a difficulty, measured. */
	guessed(difficulty: number): number;
	/** Number of positions of a difficulty in which the choice matters; Infinity where they are not counted. */
	space(difficulty: number): number;
	readonly difficulty: { readonly min: number; readonly max: number };
	/** The view in which games are played and examinations are asked. */
	readonly plain: View;
	/** Another view of the same position. */
	drawView(random: Random): View;
	/** The position as characters, in a view; views may come from a file, so a wrong one throws a TypeError. */
	write(position: P, view: View): string;
	/** Working that is written before a move, in a view; absent if there is none. Only its form is looked at. */
	readonly working?: {
		write(position: P, view: View): string;
		/** What stands after the working; undefined if it is none. */
		after(text: string): string | undefined;
	};
	/** Of right moves the one that is taught; absent: any, the same for the same position. */
	choose?(moves: readonly string[]): string | undefined;
	/** A canonical move as characters of a view. */
	writeMove(move: string, view: View): string;
	/** The canonical move that these characters of a view would be, legal or not; undefined if they are none. */
	readMove(text: string, view: View): string | undefined;
}

/** Moves that keep the exact value; in a lost position these are all. */
export function rightMoves<P>(rules: Rules<P>, position: P): readonly string[] {
	const value = rules.value(position);
	return rules
		.moves(position)
		.filter((move) => 1 - rules.value(rules.after(position, move)) === value);
}

/** Whether the choice matters: half of the moves or fewer are right, so that guessing is wrong more often than not. */
export const isSharp = <P>(rules: Rules<P>, position: P): boolean => {
	const { length } = rules.moves(position);
	return length > 1 && 2 * rightMoves(rules, position).length <= length;
};
