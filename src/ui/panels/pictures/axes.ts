/** @file Axes of the charts that are saved: rounds across, values up. */
import type { Score } from '#loop/types.ts';
import { t as say } from '../../language/language.svelte.ts';
import { colours, element, short, text } from './svg.ts';

export const [width, left, right, top] = [720, 64, 24, 84];

export const small = { 'font-size': 12, fill: colours.soft } as const;

interface Axes {
	readonly height: number;
	readonly x: (t: number) => number;
	readonly y: (value: number) => number;
}

/** Axes with marks at some values, and at the rounds that are named: at every one by default. */
export function axesOf(
	rounds: number,
	[low, high]: readonly [number, number],
	marks: readonly (readonly [value: number, words: string])[],
	named: readonly number[] = Array.from({ length: rounds + 1 }, (_, t) => t),
): Axes & { readonly svg: string } {
	const height = 380;
	const bottom = height - 36;
	const x = (t: number): number => left + (t / Math.max(1, rounds)) * (width - left - right);
	const y = (value: number): number =>
		bottom - ((value - low) / (high - low || 1)) * (bottom - top - 8);
	const every = Math.ceil((rounds + 1) / 20);
	const lines = marks.map(
		([value, words]) =>
			element('path', { d: `M${left} ${short(y(value))}H${width - right}`, stroke: colours.line }) +
			text(left - 8, y(value) + 4, words, { ...small, 'text-anchor': 'end' }),
	);
	const names = named
		.filter((t) => t % every === 0)
		.map((t) =>
			text(x(t), bottom + 20, t === 0 ? say('map.start') : String(t), {
				...small,
				'text-anchor': 'middle',
			}),
		);
	return { height, x, y, svg: lines.join('') + names.join('') };
}

export const lastRound = (scores: readonly Score[]): number =>
	Math.max(1, ...scores.map(({ t }) => t));

export const line = (
	points: readonly (readonly [x: number, y: number])[],
	colour: string,
): string =>
	element('path', {
		d: points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${short(x)} ${short(y)}`).join(''),
		...{ fill: 'none', stroke: colour, 'stroke-width': 2.5 },
	});
