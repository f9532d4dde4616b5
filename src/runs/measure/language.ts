/**
 * @file What an examination in language says beside right and wrong, in words for page and terminal: the share of all held-out
 * tasks with its interval, why answers were none, the kinds that moved, and the price in perplexity.
 */
import type { KindScore, Score } from '#loop/types.ts';
import { acceptedScores } from './accepted.ts';
import { pairedOf, type Paired } from './paired.ts';
import { sharedCells, shareWords, tallyOf, type Tally } from './share.ts';

/** First and last examination of a run in language. */
export interface Language {
	readonly before: Tally;
	readonly after: Tally;
	/** Answers that were none, by reason, most frequent first: before and after. */
	readonly malformed: readonly (readonly [reason: string, before: number, after: number])[];
	/** Those that moved, most first. */
	readonly kinds: readonly (readonly [kind: string, before: Tally, after: Tally])[];
	/** The same tasks before and after; undefined if each outcome was not kept. */
	readonly paired: Paired | undefined;
	/** Solved cases of its memory in view of each question of the last one. */
	readonly recalled: number;
	/** Of a fixed text. */
	readonly perplexity: readonly [before: number, after: number];
}

/** Undefined if the run is not in language, or was not examined yet. */
export function languageOf(scores: readonly Score[]): Language | undefined {
	const measured = acceptedScores(scores).filter(({ perplexity }) => perplexity !== undefined);
	const [first] = measured;
	const last = measured.at(-1);
	if (!first || !last) return undefined;
	const [before, after] = sharedCells(first, last);
	const reasons = new Set(
		[...before, ...after].flatMap(({ malformed = {} }) => Object.keys(malformed)),
	);
	const lost = (cells: typeof before, reason: string) =>
		cells.reduce((sum, { malformed = {} }) => sum + (malformed[reason] ?? 0), 0);
	const kinds = new Set(before.flatMap(({ kinds: own = [] }) => own.map(({ kind }) => kind)));
	const ofKind = (cells: typeof before, name: string) =>
		tallyOf(
			cells
				.flatMap(({ kinds: own = [] }): readonly KindScore[] => own)
				.filter(({ kind }) => kind === name),
		);
	return {
		before: tallyOf(before),
		after: tallyOf(after),
		malformed: [...reasons]
			.map((reason) => [reason, lost(before, reason), lost(after, reason)] as const)
			.sort((a, b) => b[1] - a[1]),
		kinds: [...kinds]
			.map((kind) => [kind, ofKind(before, kind), ofKind(after, kind)] as const)
			.filter(([, old, now]) => old.correct !== now.correct)
			.sort(
				([, a, b], [, c, d]) => Math.abs(d.correct - c.correct) - Math.abs(b.correct - a.correct),
			),
		paired: pairedOf(first, last),
		recalled: last.recalled ?? 0,
		perplexity: [first.perplexity ?? NaN, last.perplexity ?? NaN],
	};
}

/** `36.1 → 37.0 (+2.5 %)` */
const priceWords = ([before, after]: Language['perplexity']): string =>
	`${before.toFixed(1)} → ${after.toFixed(1)} (${after < before ? '−' : '+'}${Math.abs(100 * (after / before - 1)).toFixed(1)} %)`;

/** Most reasons and kinds that are named. */
const most = 4;

/** The lines of a run in language, of the start alone while nothing else was examined; empty if it is none. */
export function languageLines(scores: readonly Score[]): readonly string[] {
	const found = languageOf(scores);
	if (!found) return [];
	const { before, after, malformed, kinds, paired, recalled, perplexity } = found;
	if (scores.length === 1)
		return [
			`right: ${shareWords(before)}`,
			...malformed.slice(0, most).map(([reason, first]) => `no answer, ${reason}: ${first}`),
			`perplexity of a plain text: ${perplexity[0].toFixed(1)}`,
		];
	const moved = kinds
		.slice(0, most)
		.map(([kind, old, now]) => `${kind} ${old.correct} → ${now.correct} of ${now.n}`);
	return [
		`right: ${shareWords(before)} → ${shareWords(after)}`,
		...(paired ? [`task by task: ${paired.won} won, ${paired.lost} lost of ${paired.n}`] : []),
		...(recalled > 0
			? [`in view of each question since round 1: ${recalled} solved cases of its memory, at most`]
			: []),
		...malformed
			.slice(0, most)
			.map(([reason, first, last]) => `no answer, ${reason}: ${first} → ${last}`),
		...(moved.length > 0 ? [`moved most: ${moved.join(', ')}`] : []),
		`price: perplexity of a plain text ${priceWords(perplexity)}`,
	];
}
