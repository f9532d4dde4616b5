/** @file Curriculum: the difficulty of the next round, and why. It is decided without the truth after the first examination. */
import type { Decision, Objective, Score } from '#loop/types.ts';

/** Where a run begins: one step past what was taught, or past what is mastered of it. */
export const beginnings = ['taught', 'mastered'] as const;

/** One step past what is mastered at first, and past what was taught if the run begins there; then harder if enough was kept, as in Lee et al. 2025, easier if next to nothing was, else the same. */
export function nextObjective(
	{ difficulty }: Objective,
	{ frontier }: Score,
	decision: Decision,
	round: {
		readonly t: number;
		/** Problems that this round kept, and how many it takes to go on. */
		readonly kept: number;
		readonly minKept: number;
		/** Problems below which the next round is one step easier. */
		readonly fewKept: number;
		readonly stride: number;
		/** Whether the first round may practise what was taught and is not mastered. */
		readonly begins: (typeof beginnings)[number];
	},
): Pick<Objective, 'difficulty'> & { readonly why: string } {
	const { t, kept, minKept, fewKept, stride, begins } = round;
	if (t === 0)
		return {
			difficulty: begins === 'taught' ? Math.max(difficulty, frontier + 1) : frontier + 1,
			why: `${frontier} is mastered: one step further`,
		};
	if (decision.accept === 'roll-back')
		return { difficulty, why: `the update was rolled back: ${decision.why}` };
	if (kept < fewKept)
		return { difficulty: difficulty - 1, why: `only ${kept} problems were kept: one step easier` };
	if (kept < minKept) return { difficulty, why: `only ${kept} of ${minKept} problems were kept` };
	return { difficulty: difficulty + stride, why: `${kept} problems were kept: ${stride} harder` };
}
