/** @file Verdict of a lesson: which of its options came out, read from the records of its runs. */
import type { Condition, Lesson } from './lesson.ts';
import { pointsOf, type Figure, type Measured } from './figures.ts';

/** The last value of a figure, or how far it rose; undefined if the record does not tell. */
export function valueOf(
	figure: Figure,
	run: Measured | undefined,
	at: 'end' | 'gain' = 'end',
): number | undefined {
	const points = run ? pointsOf(figure, run) : [];
	const [first] = points;
	const last = points.at(-1);
	if (!first || !last) return undefined;
	return at === 'gain' ? last.value - first.value : last.value;
}

function holds(condition: Condition, runs: readonly Measured[]): boolean {
	const { world, minus, at, least = -Infinity, below = Infinity } = condition;
	const value = valueOf(condition, runs[world - 1], at);
	const taken = minus === undefined ? 0 : valueOf(condition, runs[minus - 1], at);
	if (value === undefined || taken === undefined) return false;
	// Shares are fractions: 0.9 − 0.8 is a hair less than 0.1.
	const difference = value - taken;
	return difference >= least - 1e-9 && difference < below - 1e-9;
}

/** Index of the option that came out; -1 if none of them did. */
export const outcomeIn = (
	{ outcomes }: Pick<Lesson, 'outcomes'>,
	runs: readonly Measured[],
): number => outcomes.findIndex((all) => all.every((condition) => holds(condition, runs)));
