/** @file A figure of a lesson as a file: a picture complete in itself, or a table, with title, recipe, seed and n in it. */
import { colours, csvOf, element, picture, short, text, wrapped } from '../../pictures/svg.ts';
import { savePng, saveText } from '../../pictures/save.ts';
import type { FigureName, Point } from '../lesson/figures.ts';
import { drawingOf, valueWords } from './drawing.ts';
import type { Format } from './formats.ts';

/** What is drawn, and its words. */
export interface Drawn {
	readonly figure: FigureName;
	readonly title: string;
	readonly note: string;
	/** Lesson and addresses of its worlds, seed included. */
	readonly recipe: string;
	/** Of the worlds, as `points`. */
	readonly names: readonly string[];
	readonly points: readonly (readonly Point[])[];
	readonly rounds: number;
	/** Names of the axis across and of its places, in the language shown. */
	readonly axis: string;
	readonly nameOf: (round: number) => string;
}

const size = { width: 720, height: 300, left: 64, right: 24, top: 16, bottom: 36 };
const small = { 'font-size': 12, fill: colours.soft } as const;
/** As on the page: apart by dash as well as by colour. */
const strokes = [
	{ stroke: colours.evaluate },
	{ stroke: colours.update, 'stroke-dasharray': '7 4' },
	{ stroke: colours.acquire, 'stroke-dasharray': '2 4' },
	{ stroke: colours.refine, 'stroke-dasharray': '9 3 2 3' },
] as const;

/** Answers behind the shares; empty if the figure is none. */
function countsOf(points: Drawn['points']): string {
	const ns = points.flat().flatMap(({ of }) => (of ? [of.n] : []));
	if (ns.length === 0) return '';
	const [least, most] = [Math.min(...ns), Math.max(...ns)];
	return `n = ${least === most ? least : `${least}–${most}`}`;
}

/** The figure as an SVG document. */
export function figureSvg({ figure, title, note, recipe, names, points, rounds, nameOf }: Drawn) {
	const drawing = drawingOf(figure, points, rounds, size);
	const about = [note, countsOf(points)].filter((one) => one !== '').join('; ');
	const lines = [...wrapped(about, 100), ...wrapped(recipe, 96)];
	const above = 48 + 16 * lines.length;
	const keys = names.map((name, i) => {
		const y = above + size.height + 14 + 20 * i;
		const last = points[i]?.at(-1);
		const value = last ? valueWords(figure, last.value) : '–';
		const line = { ...{ d: `M${size.left} ${y - 4}h30`, fill: 'none' }, ...strokes[i % 4] };
		return (
			element('path', { ...line, 'stroke-width': 2.5 }) +
			text(size.left + 40, y, `${name}: ${value}`)
		);
	});
	const chart = [
		...drawing.levels.map(
			({ value, y }) =>
				element('path', {
					...{ d: `M${size.left} ${short(y)}H${size.width - size.right}`, stroke: colours.line },
				}) +
				text(size.left - 8, y + 4, valueWords(figure, value), { ...small, 'text-anchor': 'end' }),
		),
		...drawing.rounds.map(({ x, t }) =>
			text(x, size.height - 12, nameOf(t), { ...small, 'text-anchor': 'middle' }),
		),
		...drawing.paths.flatMap((d, i) =>
			d === ''
				? []
				: [element('path', { d, fill: 'none', 'stroke-width': 2.5, ...strokes[i % 4] })],
		),
		...drawing.marks.flatMap((marks, i) =>
			marks.map(({ x, y }) =>
				element('circle', { cx: x, cy: y, r: 4, fill: strokes[i % 4]?.stroke ?? colours.ink }),
			),
		),
	];
	return picture(
		{ width: size.width, height: above + size.height + 20 + 20 * names.length },
		`${title}. ${about}. ${recipe}`,
		text(24, 32, title, { 'font-size': 20, 'font-weight': 600 }) +
			lines.map((words, i) => text(24, 54 + 16 * i, words, small)).join('') +
			element('g', { transform: `translate(0 ${above})` }, chart.join('')) +
			keys.join(''),
	);
}

/** The same numbers as a table: a row for each world and round. */
export const figureCsv = ({ title, note, recipe, names, points, axis, nameOf }: Drawn): string =>
	csvOf(
		[title, recipe, [note, countsOf(points)].filter((one) => one !== '').join('; ')],
		['world', axis, 'value', 'right', 'n'],
		names.flatMap((name, i) =>
			(points[i] ?? []).map(({ t, value, of }) => [
				name,
				nameOf(t),
				value,
				of?.correct ?? '',
				of?.n ?? '',
			]),
		),
	);

/** Hands the file to the person; rejects if the browser cannot draw a PNG. */
export async function saveFigure(format: Format, stem: string, drawn: Drawn): Promise<void> {
	const name = `evolvarium-${stem}.${format.toLowerCase()}`;
	if (format === 'CSV') saveText(name, figureCsv(drawn));
	else if (format === 'SVG') saveText(name, figureSvg(drawn));
	else await savePng(name, figureSvg(drawn));
}
