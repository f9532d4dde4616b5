/** @file Scores in other environments, at the start and now, in words for page and terminal. */
import type { Score } from '#loop/types.ts';
import { acceptedScores } from './accepted.ts';
import { shareWords, tallyOf, type Tally } from './share.ts';

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
			before: tallyOf(place.cells),
			...(last && now && { after: tallyOf(now.cells), t: last.t }),
		};
	});
}

/** `sorting 52 % (104 of 200, 45–59 %) → 51 % (102 of 200, 44–58 %)`: shares with their 95 % intervals. */
export const elsewhereWords = ({ environment, before, after }: Elsewhere): string =>
	`${environment} ${shareWords(before)}${after ? ` → ${shareWords(after)}` : ''}`;
