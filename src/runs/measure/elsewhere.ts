/** @file Scores in other environments, at the start and now, in words for page and terminal. */
import { wilson } from '#loop/interval.ts';
import type { PlaceScore, Score } from '#loop/types.ts';
import { acceptedScores } from './accepted.ts';

/** Right answers out of n. */
interface Tally {
	readonly correct: number;
	readonly n: number;
}

/** An environment that is examined beside the practised one. */
export interface Elsewhere {
	/** As a request spells it. */
	readonly environment: string;
	/** Before the first round. */
	readonly before: Tally;
	/** Of the policy that was kept last, of those that were examined there; absent until one was. */
	readonly after?: Tally;
	/** Round of `after`. */
	readonly t?: number;
}

/** In the order in which the run names them; empty if it names none. */
export function elsewhereOf(scores: readonly Score[]): readonly Elsewhere[] {
	const [first, ...later] = acceptedScores(scores).filter(({ elsewhere }) => elsewhere);
	const last = later.at(-1);
	return (first?.elsewhere ?? []).map((place) => {
		const now = last?.elsewhere?.find(({ environment }) => environment === place.environment);
		return {
			environment: place.environment,
			before: tally(place),
			...(last && now && { after: tally(now), t: last.t }),
		};
	});
}

/** `sorting 52 % (104 of 200, 45–59 %) → 51 % (102 of 200, 44–58 %)`: shares with their 95 % intervals. */
export const elsewhereWords = ({ environment, before, after }: Elsewhere): string =>
	`${environment} ${inWords(before)}${after ? ` → ${inWords(after)}` : ''}`;

function inWords({ correct, n }: Tally): string {
	if (n === 0) return 'not judged';
	const [low, high] = wilson(correct, n).map((share) => Math.round(100 * share));
	return `${Math.floor((100 * correct) / n)} % (${correct} of ${n}, ${low}–${high} %)`;
}

const tally = ({ cells }: PlaceScore): Tally => ({
	correct: cells.reduce((sum, { correct }) => sum + correct, 0),
	n: cells.reduce((sum, { n }) => sum + n, 0),
});
