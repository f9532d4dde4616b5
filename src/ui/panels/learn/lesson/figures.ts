/**
 * @file Figures of a lesson: numbers that are read from a run's record, round by round. A lesson shows some of them and decides
 * by them which of its options came out.
 */
import type { Score, ScoreCell } from '#loop/types.ts';
import { acceptedScores } from '#runs/measure/accepted.ts';
import { cellPairs, tallyOf, type Tally } from '#runs/measure/share.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import type { PlantedPoint } from './planted.ts';

export const figureNames = [
	'frontier',
	'right',
	'forgotten',
	'true-labels',
	'believed',
	'kept',
	'loss',
	'perplexity',
	'note-said',
] as const;
export type FigureName = (typeof figureNames)[number];

/** A figure, and the difficulties that it is of; all of them unless it says so. */
export interface Figure {
	readonly figure: FigureName;
	readonly from?: number;
	readonly to?: number;
}

/** Parts of a record that figures are read from. */
export type Measured = Pick<RunRecord<unknown, Score>, 'scores' | 'truths' | 'curve'> & {
	/** Only of a world in which a note was planted. */
	readonly planted?: readonly PlantedPoint[];
};

/** Value of a figure after a round; 0 is the start. */
export interface Point {
	readonly t: number;
	readonly value: number;
	/** Answers behind a share; absent if the figure is none. */
	readonly of?: Tally;
}

/** Optimizer steps at the end of a round whose loss is averaged. */
const lastSteps = 5;

const within = ({ from = -Infinity, to = Infinity }: Figure, cell: ScoreCell): boolean =>
	cell.difficulty >= from && cell.difficulty <= to;

/** Share of right answers; undefined if none was judged. */
const shared = (t: number, of: Tally): readonly Point[] =>
	of.n > 0 ? [{ t, value: of.correct / of.n, of }] : [];

/** The points of a figure, earliest first; empty if the record does not tell. */
export function pointsOf(
	figure: Figure,
	{ scores, truths, curve, planted = [] }: Measured,
): readonly Point[] {
	const accepted = acceptedScores(scores);
	switch (figure.figure) {
		case 'frontier':
			return accepted.map(({ t, frontier }) => ({ t, value: frontier }));
		case 'right':
			return whole(accepted).flatMap(({ t, cells }) =>
				shared(t, tallyOf(cells.filter((cell) => within(figure, cell)))),
			);
		case 'forgotten':
			return whole(accepted).flatMap((score, i, [first]) =>
				first ? [{ t: score.t, value: i === 0 ? 0 : forgottenIn(first, score, figure) }] : [],
			);
		case 'true-labels':
			return truths.flatMap(({ t, correct, judged }) => shared(t, { correct, n: judged }));
		case 'believed':
			return truths
				.filter(({ kept }) => kept > 0)
				.map(({ t, believed }) => ({ t, value: believed }));
		case 'kept':
			return truths.flatMap(({ t, kept, asked }) => shared(t, { correct: kept, n: asked }));
		case 'loss':
			return [...new Set(curve.map(({ t }) => t))].map((t) => {
				const last = curve.filter((point) => point.t === t).slice(-lastSteps);
				return { t, value: last.reduce((sum, { loss }) => sum + loss, 0) / last.length };
			});
		case 'perplexity':
			return accepted.flatMap(({ t, perplexity }) =>
				perplexity === undefined ? [] : [{ t, value: perplexity }],
			);
		case 'note-said':
			return planted.flatMap(({ t, said }) => shared(t, said));
		default:
			return figure.figure satisfies never;
	}
}

/**
 * Examinations of everything: the first, the last, and those between that asked as many difficulties. One of the practised
 * difficulties alone has another scale.
 */
function whole(scores: readonly Score[]): readonly Score[] {
	const most = scores[0]?.cells.length ?? 0;
	return scores.filter(({ cells }, i) => i === scores.length - 1 || cells.length >= most);
}

/** The largest loss among the difficulties that were mastered at first, as a share; 0 if none fell. */
function forgottenIn(first: Score, last: Score, figure: Figure): number {
	const falls = cellPairs(first, last)
		.filter(([cell]) => within(figure, cell) && cell.correct >= first.threshold * cell.n)
		.map(([before, now]) => before.correct / before.n - now.correct / now.n);
	return Math.max(0, ...falls);
}
