/**
 * @file Rules of Kuhn poker with any number of cards, and what each move gains against somebody whose habits are known:
 * the best response, exactly.
 */

/** What has been said before the move; `pass-bet` is one's own pass and a bet of the other. */
export const histories = ['nothing', 'pass', 'bet', 'pass-bet'] as const;
export type History = (typeof histories)[number];
export const moves = ['pass', 'bet'] as const;
export type Move = (typeof moves)[number];

/** How often, of three times, the other bets where nobody has, and goes along with a bet; by card, from 1. */
export interface Habits {
	readonly bets: readonly number[];
	readonly calls: readonly number[];
}

export interface Position extends Habits {
	/** Cards 1 to this. */
	readonly deck: number;
	/** The own card; the other's is unknown. */
	readonly card: number;
	readonly said: History;
}

export const fewestCards = 3;
export const mostCards = 8;
/** In how many times habits are counted. */
export const times = 3;

/**
 * What a move gains in chips, summed over the cards that the other may have and weighted by how often it would have said
 * what it said. Whoever passes first and meets a bet then does what is best.
 */
export function gainsOf({
	deck,
	card,
	said,
	bets,
	calls,
}: Position): Readonly<Record<Move, number>> {
	let [pass, bet, folded, called] = [0, 0, 0, 0];
	for (let other = 1; other <= deck; other++) {
		if (other === card) continue;
		const wins = card > other ? 1 : -1;
		// Nobody whose habits are not known does one thing more often than the other.
		const [b = times / 2, c = times / 2] = [bets[other - 1], calls[other - 1]];
		const showdown = (c * 2 * wins + (times - c)) / times;
		if (said === 'nothing') {
			pass += (times - b) * wins;
			bet += times * showdown;
			folded -= b;
			called += b * 2 * wins;
		} else if (said === 'pass') {
			pass += (times - b) * wins;
			bet += (times - b) * showdown;
		} else {
			pass -= b;
			bet += b * 2 * wins;
		}
	}
	return { pass: pass + Math.max(folded, called), bet };
}

/** Differences below this are rounding. */
const rounding = 1e-9;

/** The move that gains most; undefined if both gain the same. */
export function bestMove(position: Position): Move | undefined {
	const { pass, bet } = gainsOf(position);
	return Math.abs(pass - bet) < rounding ? undefined : pass > bet ? 'pass' : 'bet';
}

/** What follows a move: another's move, or the end with the chips that whoever moved has won of the other. */
export function after(
	said: History,
	move: Move,
	isHigher: boolean,
): { readonly said: History } | { readonly won: number } {
	if (said === 'nothing') return { said: move === 'pass' ? 'pass' : 'bet' };
	if (said === 'pass' && move === 'bet') return { said: 'pass-bet' };
	if (said !== 'pass' && move === 'pass') return { won: -1 };
	const stake = said === 'pass' ? 1 : 2;
	return { won: isHigher ? stake : -stake };
}
