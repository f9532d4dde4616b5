/** @file Geometry of a lesson's chart: a line for each world over the rounds, with axes. */
import type { FigureName, Point } from '../lesson/figures.ts';
import { percent } from '../../../language/numbers.ts';

export interface Size {
	readonly width: number;
	readonly height: number;
	readonly left: number;
	readonly right: number;
	readonly top: number;
	readonly bottom: number;
}

export interface Drawing {
	/** SVG path of each world; empty while it has no point. */
	readonly paths: readonly string[];
	readonly marks: readonly (readonly {
		readonly x: number;
		readonly y: number;
		readonly t: number;
	}[])[];
	readonly levels: readonly { readonly y: number; readonly value: number }[];
	readonly rounds: readonly { readonly x: number; readonly t: number }[];
}

const isShare = (figure: FigureName): boolean =>
	!['frontier', 'loss', 'perplexity'].includes(figure);

/** A value as people read it. */
export const valueWords = (figure: FigureName, value: number): string =>
	isShare(figure) ? percent(value) : String(Number(value.toPrecision(3)));

/** Lower and upper end of the axis, and the distance of its lines. */
function axisOf(
	figure: FigureName,
	values: readonly number[],
): readonly [low: number, high: number, step: number] {
	const [least, most] = [Math.min(...values, Infinity), Math.max(...values, -Infinity)];
	if (figure === 'frontier') {
		const low = Math.max(0, (Number.isFinite(least) ? least : 8) - 1);
		const high = Math.max(low + 4, (Number.isFinite(most) ? most : 0) + 1);
		return [low, high, Math.ceil((high - low) / 5)];
	}
	if (figure === 'forgotten') return most <= 0.2 ? [0, 0.2, 0.1] : [0, 1, 0.5];
	if (isShare(figure)) return [0, 1, 0.25];
	const high = Number.isFinite(most) && most > 0 ? most * 1.1 : 1;
	return [0, high, high / 4];
}

export function drawingOf(
	figure: FigureName,
	worlds: readonly (readonly Point[])[],
	rounds: number,
	{ width, height, left, right, top, bottom }: Size,
): Drawing {
	const [low, high, step] = axisOf(
		figure,
		worlds.flat().map(({ value }) => value),
	);
	const last = Math.max(1, rounds);
	const round = (value: number) => Math.round(value * 10) / 10;
	const x = (t: number) => round(left + (t / last) * (width - left - right));
	const y = (value: number) =>
		round(height - bottom - ((value - low) / (high - low)) * (height - bottom - top));
	const marks = worlds.map((points) => points.map(({ t, value }) => ({ t, x: x(t), y: y(value) })));
	const every = Math.ceil((last + 1) / 8);
	return {
		paths: marks.map((points) =>
			points.map((at, i) => `${i === 0 ? 'M' : 'L'}${at.x} ${at.y}`).join(''),
		),
		marks,
		levels: Array.from({ length: Math.floor((high - low) / step + 1e-9) + 1 }, (_, i) => {
			const value = low + i * step;
			return { value, y: y(value) };
		}),
		rounds: Array.from({ length: Math.floor(last / every) + 1 }, (_, i) => ({
			t: i * every,
			x: x(i * every),
		})),
	};
}
