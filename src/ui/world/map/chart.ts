/** @file The learning curve as SVG paths: one stroke per round, thinned to what the eye can see. */
import type { CurvePoint } from '#storage/runs/store.ts';

export interface Curve {
	readonly loss: readonly string[];
	readonly gradient: readonly string[];
	/** x of the beginning of a round, with its number. */
	readonly rounds: readonly { readonly x: number; readonly t: number }[];
	/** Round values of the loss in view, with their heights. */
	readonly ticks: readonly { readonly y: number; readonly value: number }[];
}

export interface RoundSummary {
	readonly t: number;
	readonly steps: number;
	readonly firstLoss: number;
	readonly lastLoss: number;
	readonly gradientNorm: number;
	/** Means over the last steps of what the objective measures, by name; empty if it measures nothing. */
	readonly metrics: Readonly<Record<string, number>>;
}

/** A loss or a norm with two digits that count. */
export const short = (value: number): string => Number(value.toPrecision(2)).toString();

const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** The points of each round, in order; one without a loss (diverged, or damaged on the disk) is left out. */
function byRound(curve: readonly CurvePoint[]): ReadonlyMap<number, readonly CurvePoint[]> {
	const rounds = new Map<number, CurvePoint[]>();
	for (const point of curve) {
		if (!Number.isFinite(point.loss)) continue;
		const points = rounds.get(point.t);
		if (points) points.push(point);
		else rounds.set(point.t, [point]);
	}
	return rounds;
}

/** Means over neighbours, so that at most `most` points are left. */
export function thin(points: readonly CurvePoint[], most: number): readonly CurvePoint[] {
	const size = Math.ceil(points.length / most);
	if (size <= 1) return points;
	return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
		const group = points.slice(i * size, (i + 1) * size);
		const head = group[0];
		return {
			t: head?.t ?? 0,
			step: head?.step ?? 0,
			loss: mean(group.map((p) => p.loss)),
			gradientNorm: mean(group.map((p) => p.gradientNorm)),
		};
	});
}

/** Logarithmic height: a loss falls by factors, not by steps. */
function scaleOf(values: readonly number[], height: number): (value: number) => number {
	const logs = values.filter((v) => v > 0).map(Math.log);
	const low = Math.min(...logs);
	const high = Math.max(...logs);
	const span = high - low || 1;
	return (value) => {
		const y = height - ((Math.log(Math.max(value, Math.exp(low))) - low) / span) * (height - 4) - 2;
		return Math.round(y * 10) / 10;
	};
}

/** Ticks of a logarithmic axis: 1, 2 and 5 of each decade, or its powers alone; the ends where fewer than two of them are in view. */
function ticksOf(values: readonly number[]): readonly number[] {
	const positive = values.filter((value) => value > 0);
	if (positive.length === 0) return [];
	const [low, high] = [Math.min(...positive), Math.max(...positive)];
	const within = (steps: readonly number[]): readonly number[] => {
		const from = Math.floor(Math.log10(low));
		const decades = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, i) => i);
		return decades
			.flatMap((i) => steps.map((step) => Number(`${step}e${from + i}`)))
			.filter((value) => value >= low && value <= high);
	};
	const found = [within([1, 2, 5]), within([1])].find(({ length }) => length <= 4) ?? within([1]);
	return found.length > 1 ? found : [...new Set([low, high])];
}

export function curveOf(curve: readonly CurvePoint[], width: number, height: number): Curve {
	const rounds = [...byRound(curve)];
	const most = Math.max(8, Math.floor(width / 2 / Math.max(1, rounds.length)));
	const thinned = rounds.map(([t, points]) => [t, thin(points, most)] as const);
	const all = thinned.flatMap(([, points]) => points);
	const yLoss = scaleOf(
		all.map((p) => p.loss),
		height,
	);
	const yGradient = scaleOf(
		all.map((p) => p.gradientNorm),
		height,
	);
	const total = Math.max(1, all.length - 1);
	let i = 0;
	const strokes = thinned.map(([t, points]) => {
		const xs = points.map(() => Math.round((i++ / total) * width * 10) / 10);
		const line = (y: (p: CurvePoint) => number) =>
			points.map((p, k) => `${k === 0 ? 'M' : 'L'}${xs[k]} ${y(p)}`).join('');
		return {
			t,
			x: xs[0] ?? 0,
			loss: line((p) => yLoss(p.loss)),
			gradient: line((p) => yGradient(p.gradientNorm)),
		};
	});
	return {
		ticks: ticksOf(all.map((p) => p.loss)).map((value) => ({ value, y: yLoss(value) })),
		loss: strokes.map((s) => s.loss),
		gradient: strokes.map((s) => s.gradient),
		rounds: strokes.map(({ x, t }) => ({ x, t })),
	};
}

/** One row per round, for the table behind the chart. */
export const summaries = (curve: readonly CurvePoint[]): readonly RoundSummary[] =>
	[...byRound(curve)].map(([t, points]) => ({
		t,
		steps: points.length,
		firstLoss: points[0]?.loss ?? 0,
		lastLoss: mean(points.slice(-10).map((p) => p.loss)),
		gradientNorm: mean(points.map((p) => p.gradientNorm)),
		metrics: meanMetrics(points.slice(-10)),
	}));

function meanMetrics(points: readonly CurvePoint[]): Readonly<Record<string, number>> {
	const names = new Set(points.flatMap(({ metrics = {} }) => Object.keys(metrics)));
	return Object.fromEntries(
		[...names].map((name) => [name, mean(points.flatMap((p) => p.metrics?.[name] ?? []))]),
	);
}
