/** @file The held-out task that shows what a run taught: wrong before and right now, or a set of such tasks with both counts. */
import type { Environment } from '#environments/environment.ts';
import { heldOutQuestions } from '#loop/4-evaluate/examine.ts';
import type { Score } from '#loop/types.ts';
import { acceptedScores } from '#runs/measure/accepted.ts';
import { shownPairs } from '#runs/measure/paired.ts';
import { cellPairs } from '#runs/measure/share.ts';

export interface Proof {
	/** The task as people read it. */
	readonly task: string;
	/** Right answer; empty if the environment knows none. */
	readonly answer: string;
	/** Right answers of the set that it is an example of; absent if this very task went from wrong to right. */
	readonly set?: {
		readonly difficulty: number;
		readonly n: number;
		readonly before: number;
		readonly now: number;
		/** Counted when it was last asked, which may be some rounds ago. */
		readonly isOlder: boolean;
	};
}

/** The first examination and what to hold beside it. */
export interface Compared {
	readonly first: Score;
	readonly last: Score;
	/** The last one asked nothing of the first: each set as it was asked last, which may be some rounds ago. */
	readonly isOlder: boolean;
}

/** Two examinations that asked the same held-out tasks; undefined before there are two. */
export function comparedOf(scores: readonly Score[]): Compared | undefined {
	const [first, ...later] = acceptedScores(scores);
	const last = later.at(-1);
	if (!first || !last) return undefined;
	const shared = (score: Score): boolean =>
		cellPairs(first, score).some(([a, b]) => a.n > 0 && b.n > 0);
	if (shared(last)) return { first, last, isOlder: false };
	const cells = first.cells.flatMap((cell) => {
		const asked = later
			.flatMap((score) => score.cells)
			.filter(
				({ difficulty, stratum, n }) =>
					n > 0 && difficulty === cell.difficulty && stratum === cell.stratum,
			);
		return asked.slice(-1);
	});
	return { first, last: { ...last, cells }, isOlder: true };
}

/**
 * The hardest held-out task that went from wrong to right. If answers were not stored one by one, the hardest set that
 * gained most, with its first task. Null if nothing got better.
 */
export function proofOf(
	scores: readonly Score[],
	environment: Environment,
	seed: number,
): Proof | null {
	const compared = comparedOf(scores);
	if (!compared) return null;
	const { first, last } = compared;
	const shown = shownPairs(scores).find(
		({ before, after }) => before.verdict !== 'correct' && after.verdict === 'correct',
	);
	if (shown) return { task: shown.task, answer: shown.after.answer };
	const pairs = cellPairs(first, last).toSorted(([a], [b]) => b.difficulty - a.difficulty);
	const [won] = pairs.flatMap(
		([{ difficulty, stratum, outcomes: was = '' }, { outcomes: is = '' }]) => {
			const at =
				was.length === is.length
					? Array.from(was).findIndex((mark, i) => mark === '-' && is[i] === '+')
					: -1;
			return at < 0 ? [] : [{ difficulty, stratum, at, count: was.length }];
		},
	);
	const taskAt = (set: { difficulty: number; stratum: string; count: number }, at: number) => {
		const task = heldOutQuestions(environment, seed, set)[at]?.task;
		if (!task) return null;
		return { task: task.text, answer: environment.reference?.solve(task.item) ?? '' };
	};
	if (won && !compared.isOlder) return taskAt(won, won.at);
	const gains = pairs.flatMap(([a, b]) =>
		a.n === b.n && a.n > 0 && a.outcomes === undefined && b.correct > a.correct
			? [
					{
						difficulty: a.difficulty,
						stratum: a.stratum,
						count: a.n,
						before: a.correct,
						now: b.correct,
					},
				]
			: [],
	);
	const most = Math.max(0, ...gains.map(({ before, now }) => now - before));
	// The hardest of those whose gain is near the largest.
	const set = gains.find(({ before, now }) => now - before >= 0.9 * most);
	const example = set && taskAt(set, 0);
	if (!set || !example) return null;
	const { difficulty, count: n, before, now } = set;
	return { ...example, set: { difficulty, n, before, now, isOlder: compared.isOlder } };
}
