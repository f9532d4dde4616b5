/** @file Examinations that count: one of a policy that was rolled back is history and says nothing of what the run can do. */
import type { Score } from '#loop/types.ts';

/** The examinations of policies that were kept, in their order. */
export const acceptedScores = (scores: readonly Score[]): readonly Score[] =>
	scores.filter(({ rolledBack }) => rolledBack === undefined);

/** A score of a policy that was rolled back. */
export type UndoneScore = Score & { readonly rolledBack: string };

/** The examinations of policies that were rolled back, in their order. */
export const undoneScores = (scores: readonly Score[]): readonly UndoneScore[] =>
	scores.filter((score): score is UndoneScore => score.rolledBack !== undefined);

/** `Round 3 was undone: difficulty 8 (equal) fell from 198 of 200 to 180 of 200.` */
export const undoneWords = ({ t, rolledBack }: UndoneScore): string =>
	`Round ${t} was undone: ${rolledBack}.`;
