/** @file The charts of a run as pictures and tables of their own, with title, n, seed and recipe in each. */
import { wilson } from '#loop/interval.ts';
import type { Score } from '#loop/types.ts';
import { acceptedScores } from '#runs/measure/accepted.ts';
import { tallyOf } from '#runs/measure/share.ts';
import type { CurvePoint, TruthRow } from '#storage/runs/store.ts';
import { said, t as say } from '../../language/language.svelte.ts';
import { count, percent } from '../../language/numbers.ts';
import { thin } from '../../world/map/chart.ts';
import { mapOf } from '../../world/map/map.ts';
import { standing } from '../runs/frontier.ts';
import { axesOf, lastRound, left, line, right, small, top, width } from './axes.ts';
import { colours, csvOf, element, picture, short, text, wrapped } from './svg.ts';

/** What of a run is drawn. */
export interface Drawn {
	/** `Easy to hard · Addition · seed 1 · …` */
	readonly recipe: string;
	readonly unit: string;
	readonly scores: readonly Score[];
	readonly truths: readonly TruthRow[];
	readonly curve: readonly CurvePoint[];
}

/** A chart that can be saved. */
export interface Chart {
	/** For the name of its file. */
	readonly name: string;
	readonly title: string;
	readonly svg: string;
	readonly csv: string;
}

interface Frame {
	readonly title: string;
	readonly recipe: string;
	/** Number of cases, and what is to be known to read it. */
	readonly note: string;
	readonly height: number;
}

/** `200`, `50 to 200` */
const fromTo = (least: number, most: number): string =>
	least === most ? count(least) : say('chart.fromTo', { least: count(least), most: count(most) });

/** Title above, recipe and n below it in as many lines as they need, the chart under them. */
function framed({ title, recipe, note, height }: Frame, content: string): string {
	const lines = [...wrapped(recipe, 96), ...wrapped(note, 100)];
	const extra = 16 * (lines.length - 2);
	return picture(
		{ width, height: height + extra },
		`${title}. ${recipe}. ${note}`,
		text(left - 40, 32, title, { 'font-size': 20, 'font-weight': 600 }) +
			lines.map((words, i) => text(left - 40, 52 + 16 * i, words, small)).join('') +
			element('g', { transform: `translate(0 ${extra})` }, content),
	);
}

const chart = (
	name: string,
	frame: Frame,
	content: string,
	columns: readonly string[],
	rows: readonly (readonly (string | number)[])[],
): Chart => ({
	...{ name, title: frame.title, svg: framed(frame, content) },
	csv: csvOf([frame.title, frame.recipe, frame.note], columns, rows),
});

/** Every chart that has something to show. */
export const chartsOf = (drawn: Drawn): readonly Chart[] =>
	[
		accuracyMap(drawn),
		frontierChart(drawn),
		rightChart(drawn),
		truthChart(drawn),
		lossChart(drawn),
	].flatMap((one) => one ?? []);

function accuracyMap({ scores, recipe, unit }: Drawn): Chart | undefined {
	const map = mapOf(scores, [], -1, 0, true);
	if (scores.length === 0) return undefined;
	const [cell, tall] = [(width - left - right) / Math.max(1, map.columns.length), 26];
	const ns = map.rows.flatMap(({ squares }) =>
		squares.flatMap((one) => one?.results.map(({ n }) => n) ?? []),
	);
	const [least, most] = [Math.min(...ns), Math.max(...ns)];
	const heads = map.columns.map(({ difficulty, stratum }, i) =>
		text(
			left + (i + 0.5) * cell,
			top + 12,
			stratum ? said(stratum, 'stratum') : String(difficulty),
			{
				...small,
				'text-anchor': 'middle',
			},
		),
	);
	const rows = map.rows.map((row, r) => {
		const y = top + 20 + r * tall;
		const squares = row.squares.flatMap((square, i) => {
			if (!square) return [];
			const x = left + i * cell + 1;
			const at = { x, y, width: Math.max(1, cell - 2), height: tall - 3, rx: 4 };
			const depth = square.reached ? 0.85 + 0.15 * square.share : 0.08 + 0.45 * square.share;
			const edge = square.frontier ? { stroke: colours.ink, 'stroke-width': 2 } : {};
			return [
				element('rect', { ...at, fill: colours.evaluate, 'fill-opacity': depth, ...edge }),
				text(x + cell / 2 - 1, y + 16, String(Math.floor(100 * square.share)), {
					...{ 'font-size': cell < 22 ? 8 : 11, 'text-anchor': 'middle' },
					fill: square.reached ? '#ffffff' : colours.ink,
				}),
			];
		});
		const name = `${row.t === 0 ? say('map.start') : row.t}${row.undone === null ? '' : ' ↶'}`;
		return text(left - 8, y + 16, name, { ...small, 'text-anchor': 'end' }) + squares.join('');
	});
	const note = say('chart.accuracyNote', {
		n: fromTo(least, most),
		threshold: percent(map.threshold),
	});
	const frame = {
		...{ recipe, note, height: top + 36 + map.rows.length * tall },
		title: map.byKind ? say('chart.accuracyKind') : say('chart.accuracy', { unit }),
	};
	const cells = scores.flatMap(({ t, cells: own, rolledBack }) =>
		own.map(({ difficulty, stratum, correct, n }) => {
			const interval = n > 0 ? wilson(correct, n).map((share) => share.toFixed(4)) : ['', ''];
			return [
				t,
				difficulty,
				stratum,
				correct,
				n,
				...interval,
				rolledBack === undefined ? '' : 'undone',
			];
		}),
	);
	const columns = ['round', unit, 'kind', 'right', 'n', 'low 95', 'high 95', 'note'];
	return chart('accuracy', frame, heads.join('') + rows.join(''), columns, cells);
}

function frontierChart({ scores, recipe, unit }: Drawn): Chart | undefined {
	const steps = standing(scores);
	if (steps.length < 2) return undefined;
	const values = steps.map(({ frontier }) => frontier);
	const [low, high] = [Math.max(0, Math.min(...values) - 1), Math.max(...values) + 1];
	const every = Math.ceil((high - low + 1) / 10);
	const marks = Array.from({ length: high - low + 1 }, (_, i) => low + i)
		.filter((value) => (value - low) % every === 0)
		.map((value) => [value, String(value)] as const);
	const { height, x, y, svg } = axesOf(lastRound(scores), [low, high], marks);
	const points = steps.flatMap(({ t, frontier }, i) => {
		const before = steps[i - 1]?.frontier ?? frontier;
		return [[x(t), y(before)] as const, [x(t), y(frontier)] as const];
	});
	const n = Math.max(...scores.flatMap(({ cells }) => cells.map((cell) => cell.n)));
	const threshold = percent(scores[0]?.threshold ?? 0.9);
	const note = say('chart.frontierNote', { threshold, n: count(n) });
	const frame = { title: say('chart.frontier', { unit }), recipe, note, height };
	const rows = steps.map(({ t, frontier }) => [t, frontier]);
	return chart('frontier', frame, svg + line(points, colours.evaluate), ['round', unit], rows);
}

function rightChart({ scores, recipe }: Drawn): Chart | undefined {
	const points = acceptedScores(scores)
		.map(({ t, cells }) => ({ t, ...tallyOf(cells) }))
		.filter(({ n }) => n > 0);
	if (points.length < 2) return undefined;
	const marks = [0, 0.25, 0.5, 0.75, 1].map((value) => [value, percent(value)] as const);
	const { height, x, y, svg } = axesOf(lastRound(scores), [0, 1], marks);
	const bars = points.map(({ t, correct, n }) => {
		const [low, high] = wilson(correct, n);
		return (
			element('path', {
				d: `M${short(x(t))} ${short(y(low))}V${short(y(high))}`,
				stroke: colours.ink,
				'stroke-width': 1.5,
			}) + element('circle', { cx: x(t), cy: y(correct / n), r: 4, fill: colours.evaluate })
		);
	});
	const own = line(
		points.map(({ t, correct, n }) => [x(t), y(correct / n)] as const),
		colours.evaluate,
	);
	const ns = points.map(({ n }) => n);
	const note = say('chart.rightNote', { n: fromTo(Math.min(...ns), Math.max(...ns)) });
	const frame = { title: say('chart.right'), recipe, note, height };
	const rows = points.map(({ t, correct, n }) => [
		t,
		correct,
		n,
		...wilson(correct, n).map((share) => share.toFixed(4)),
	]);
	return chart(
		'right',
		frame,
		svg + own + bars.join(''),
		['round', 'right', 'n', 'low 95', 'high 95'],
		rows,
	);
}

function truthChart({ truths, recipe }: Drawn): Chart | undefined {
	const judged = truths.filter((row) => row.judged > 0);
	if (judged.length === 0) return undefined;
	const rounds = Math.max(...judged.map(({ t }) => t)) + 1;
	const marks = [0, 0.5, 1].map((value) => [value, percent(value)] as const);
	const { height, x, y, svg } = axesOf(
		rounds,
		[0, 1],
		marks,
		judged.map(({ t }) => t),
	);
	const wide = Math.min(28, (x(1) - x(0)) / 3);
	const bars = judged.map(({ t, believed, correct, judged: n }) => {
		const bar = (at: number, value: number, colour: string): string =>
			element('rect', { x: at, y: y(value), width: wide, height: y(0) - y(value), fill: colour });
		return bar(x(t) - wide, believed, colours.refine) + bar(x(t), correct / n, colours.evaluate);
	});
	const key =
		element('rect', { x: left, y: top - 12, width: 12, height: 12, fill: colours.refine }) +
		text(left + 18, top - 2, say('truth.believes'), small) +
		element('rect', { x: left + 90, y: top - 12, width: 12, height: 12, fill: colours.evaluate }) +
		text(left + 108, top - 2, say('truth.really'), small);
	const ns = judged.map((row) => row.judged);
	const note = say('chart.truthNote', { n: fromTo(Math.min(...ns), Math.max(...ns)) });
	const frame = { title: say('chart.truth'), recipe, note, height };
	const rows = judged.map((row) => [
		row.t,
		row.asked,
		row.kept,
		row.believed.toFixed(4),
		row.correct,
		row.judged,
	]);
	return chart(
		'truth',
		frame,
		svg + key + bars.join(''),
		['round', 'asked', 'kept', 'believed', 'true', 'judged'],
		rows,
	);
}

function lossChart({ curve, recipe }: Drawn): Chart | undefined {
	const known = curve.filter(({ loss }) => Number.isFinite(loss) && loss > 0);
	if (known.length < 2) return undefined;
	const points = thin(known, 600);
	const logs = points.map(({ loss }) => Math.log10(loss));
	const [low, high] = [Math.min(...logs), Math.max(...logs)];
	const marks = [low, (low + high) / 2, high].map(
		(value) => [value, String(Number((10 ** value).toPrecision(2)))] as const,
	);
	const { height, y, svg } = axesOf(0, [low, high], marks);
	const x = (i: number): number =>
		left + (i / Math.max(1, points.length - 1)) * (width - left - right);
	const breaks = points.flatMap(({ t }, i) =>
		i > 0 && points[i - 1]?.t !== t
			? [
					element('path', {
						d: `M${short(x(i))} ${top}V${height - 36}`,
						stroke: colours.line,
						'stroke-dasharray': '2 4',
					}),
					text(x(i) + 4, height - 16, say('chart.round', { t }), { ...small, 'font-size': 10 }),
				]
			: [],
	);
	const note = say('chart.lossNote', { n: known.length });
	const frame = { title: say('chart.loss'), recipe, note, height };
	const own = line(
		points.map((_, i) => [x(i), y(logs[i] ?? low)] as const),
		colours.update,
	);
	const rows = known.map(({ t, step, loss, gradientNorm }) => [t, step, loss, gradientNorm]);
	return chart(
		'loss',
		frame,
		svg + breaks.join('') + own,
		['round', 'step', 'loss', 'gradient norm'],
		rows,
	);
}
