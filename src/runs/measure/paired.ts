/** @file The same held-out tasks in two examinations: how many were won and lost, and answers side by side. */
import type { Score, ShownAnswer } from '#loop/types.ts';
import { acceptedScores } from './accepted.ts';
import { cellPairs } from './share.ts';

/** Tasks judged both times: right only after (won), and right only before (lost). */
export interface Paired {
	readonly won: number;
	readonly lost: number;
	readonly n: number;
}

/** One task with both answers. */
export interface ShownPair {
	readonly task: string;
	readonly before: ShownAnswer;
	readonly after: ShownAnswer;
}

/** Undefined if the examinations did not keep each outcome, or asked other tasks. */
export function pairedOf(before: Score, after: Score): Paired | undefined {
	const marks = cellPairs(before, after).flatMap(([{ outcomes: a = '' }, { outcomes: b = '' }]) =>
		a.length === b.length ? Array.from(a, (mark, i) => mark + (b[i] ?? '')) : [],
	);
	const judged = marks.filter((mark) => !mark.includes('?'));
	if (judged.length === 0) return undefined;
	const many = (wanted: string): number => judged.filter((mark) => mark === wanted).length;
	return { won: many('-+'), lost: many('+-'), n: judged.length };
}

/** Answers of the first and the last examination that counts; empty before there are two. */
export function shownPairs(scores: readonly Score[]): readonly ShownPair[] {
	const [first, ...later] = acceptedScores(scores);
	const last = later.at(-1);
	if (!first || !last) return [];
	const pairs = cellPairs(first, last).map(([{ shown: a = [] }, { shown: b = [] }]) =>
		a.flatMap((before): readonly ShownPair[] => {
			const after = b.find(({ task }) => task === before.task);
			return after ? [{ task: before.task, before, after }] : [];
		}),
	);
	// One of each kind, then the next of each.
	const most = Math.max(0, ...pairs.map((own) => own.length));
	return Array.from({ length: most }, (_, i) => pairs.flatMap((own) => own[i] ?? [])).flat();
}
