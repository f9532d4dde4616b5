/** @file Agreement between several answers to one problem (self-consistency, Wang et al. 2022). */
import type { NumberKnob } from '#base/knobs.ts';

/** One knob, read by the cell that asks and by the cell that filters: they cannot drift apart. */
export const agree: NumberKnob = {
	kind: 'number',
	label: 'Must agree',
	help: 'Share of the answers to one problem that must be the same for it to be kept.',
	default: 0.8,
	min: 0,
	max: 1,
	step: 0.05,
};

/** Number of `total` answers that the share `agree` asks for. */
export const neededOf = (share: number, total: number): number =>
	// 0.8 · 5 is a hair above 4 in some roundings.
	Math.max(0, Math.ceil(share * total - 1e-9));

/** The most common answer and how often it came; the first to come wins a tie; null ones do not count. */
export function mostCommon(answers: readonly (string | null)[]): {
	readonly answer: string | null;
	readonly count: number;
} {
	const counts = new Map<string, number>();
	for (const answer of answers)
		if (answer !== null) counts.set(answer, (counts.get(answer) ?? 0) + 1);
	let best: { answer: string | null; count: number } = { answer: null, count: 0 };
	for (const [answer, count] of counts) if (count > best.count) best = { answer, count };
	return best;
}
