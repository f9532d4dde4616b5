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
	};
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
	const [first] = acceptedScores(scores);
	const last = acceptedScores(scores).at(-1);
	if (!first || !last || first === last) return null;
	const shown = shownPairs(scores).find(
		({ before, after }) => before.verdict !== 'correct' && after.verdict === 'correct',
	);
	if (shown) return { task: shown.task, answer: shown.after.answer ?? '' };
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
	if (won) return taskAt(won, won.at);
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
	// The hardest of those that gained nearly as much as any.
	const set = gains.find(({ before, now }) => now - before >= 0.9 * most);
	const example = set && taskAt(set, 0);
	if (!set || !example) return null;
	const { difficulty, count: n, before, now } = set;
	return { ...example, set: { difficulty, n, before, now } };
}
