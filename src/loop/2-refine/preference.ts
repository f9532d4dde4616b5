/** @file Preference among answers that score alike: which of them is learnt, and which tasks of a kind. */
import type { EnvironmentFor } from '#environments/environment.ts';
import { kindOf } from '#environments/tasks.ts';
import { likelihood, type Rollout } from '#loop/rollout/rollout.ts';
import type { Experience } from '#loop/types.ts';

export const preferences = ['first', 'likely', 'varied', 'brief'] as const;
export type Preference = (typeof preferences)[number];

/** What there should be little of, before the likeliest is taken. */
const excess: Readonly<Record<Preference, (rollout: Rollout) => number>> = {
	first: () => 0,
	likely: () => 0,
	varied: repeatedShare,
	brief: repliesOf,
};

/** The better one first; 0 if neither is. */
export function compare(preference: Preference, a: Rollout, b: Rollout): number {
	if (preference === 'first') return 0;
	return excess[preference](a) - excess[preference](b) || likelihood(b) - likelihood(a);
}

/** Turns that the model took; the last of a recast is a rule's. */
function repliesOf({ turns, recast }: Rollout): number {
	return turns.filter(({ sampled }) => sampled).length - (recast ? 1 : 0);
}

/**
 * Share of the pairs of neighbouring tokens (or words, where there are no tokens) that occurred before in the same answer,
 * in tenths. A model that learns from answers with many of them goes round in circles when it decodes greedily.
 */
function repeatedShare({ turns }: Rollout): number {
	const said = turns.findLast(({ sampled }) => sampled);
	// An answer that a rule wrote has no tokens.
	const tokens: readonly (number | string)[] = said?.tokens ?? said?.content.split(/\s+/) ?? [];
	const pairs = tokens.slice(1).map((token, i) => `${tokens[i] ?? ''} ${token}`);
	return Math.round((1 - new Set(pairs).size / Math.max(1, pairs.length)) * 10);
}

/** A kept experience with the best of its kept answers. */
export interface Chosen {
	readonly experience: Experience;
	readonly best: Rollout;
}

/** All but the best `most` of each kind of task, so that easy kinds do not crowd out rare ones. */
export function surplusOf(
	chosen: readonly Chosen[],
	most: number,
	preference: Preference,
	{ tasks }: EnvironmentFor<never>,
): ReadonlySet<Experience> {
	const seen = new Map<string, number>();
	return new Set(
		chosen
			.toSorted((a, b) => compare(preference, a.best, b.best))
			.filter(({ experience }) => {
				const kind = kindOf(tasks, experience.task.item);
				const count = (seen.get(kind) ?? 0) + 1;
				seen.set(kind, count);
				return count > most;
			})
			.map(({ experience }) => experience),
	);
}
