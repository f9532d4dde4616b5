/**
 * @file Frontiers by round as step functions: a frontier holds until the next examination. A round that was undone
 * leaves the frontier as it was, and a mark at its own.
 */
import type { Score } from '#loop/types.ts';
import { undoneScores } from '#runs/measure/accepted.ts';

export interface FrontierDrawing {
	/** One SVG path a run, in their order; empty before its first examination. */
	readonly paths: readonly string[];
	/** End point of each path. */
	readonly ends: readonly ({
		readonly x: number;
		readonly y: number;
		readonly value: number;
	} | null)[];
	/** Rounds that were undone, of each run: where their policies stood before they were rolled back. */
	readonly undone: readonly (readonly {
		readonly t: number;
		readonly x: number;
		readonly y: number;
	}[])[];
	/** Lines across, at whole numbers. */
	readonly levels: readonly { readonly value: number; readonly y: number }[];
	readonly rounds: readonly { readonly t: number; readonly x: number }[];
}

export interface Size {
	readonly width: number;
	readonly height: number;
	/** Room for the names of the levels. */
	readonly left: number;
	/** Room for the last values. */
	readonly right: number;
	readonly bottom: number;
}

/** At most `most` whole numbers from `from` to `to`, evenly spaced. */
function ticks(from: number, to: number, most: number): readonly number[] {
	const step = Math.max(1, Math.ceil((to - from) / Math.max(1, most - 1)));
	return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
}

/** The frontier of the policy that stands after each round. */
export function standing(
	scores: readonly Score[],
): readonly { readonly t: number; readonly frontier: number }[] {
	let stands: number | undefined;
	return scores.flatMap(({ t, frontier, rolledBack }) => {
		if (rolledBack === undefined) stands = frontier;
		return stands === undefined ? [] : [{ t, frontier: stands }];
	});
}

export function frontierDrawing(
	runs: readonly (readonly Score[])[],
	{ width, height, left, right, bottom }: Size,
): FrontierDrawing {
	const all = runs.flat();
	const values = all.map(({ frontier }) => frontier);
	const low = Math.max(0, Math.min(...values, Infinity) - 1);
	const high = Math.max(...values, low + 2);
	const rounds = Math.max(1, ...all.map(({ t }) => t));
	const x = (t: number) => left + (t / rounds) * (width - left - right);
	const y = (value: number) =>
		height - bottom - ((value - low) / (high - low)) * (height - bottom - 12);
	const round = (value: number) => Math.round(value * 10) / 10;
	const steps = runs.map(standing);
	const levels = values.length === 0 ? [] : ticks(low, high, 6);
	return {
		paths: steps.map((scores) =>
			scores
				.map(({ t, frontier }, i) =>
					i === 0
						? `M${round(x(t))} ${round(y(frontier))}`
						: `H${round(x(t))}V${round(y(frontier))}`,
				)
				.join(''),
		),
		ends: steps.map((scores) => {
			const last = scores.at(-1);
			return last ? { x: x(last.t), y: y(last.frontier), value: last.frontier } : null;
		}),
		undone: runs.map((scores) =>
			undoneScores(scores).map(({ t, frontier }) => ({ t, x: x(t), y: y(frontier) })),
		),
		levels: levels.map((value) => ({ value, y: y(value) })),
		rounds: ticks(0, rounds, 11).map((t) => ({ t, x: x(t) })),
	};
}
