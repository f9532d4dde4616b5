/** @file Element-wise arithmetic with broadcasting, and the sums that undo it in the gradient. */
import type { Graph } from '../graph.ts';
import { broadcast, expectType, sameShape, type Shape, type Value } from '../value.ts';

/** Sums a gradient back to the shape that was broadcast. */
export function unbroadcast(g: Graph, dy: Value, shape: Shape): Value {
	if (sameShape(dy.shape, shape)) return dy;
	const lead = dy.shape.length - shape.length;
	const axes = dy.shape.flatMap((d, i) =>
		i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : [],
	);
	const kept = dy.shape.map((d, i) => (axes.includes(i) ? 1 : d));
	const [sum] = g.node(
		'ReduceSum',
		[dy, g.int64(axes)],
		[{ type: 'float32', shape: lead > 0 ? kept.slice(lead) : kept }],
		{ keepdims: lead > 0 ? 0 : 1 },
	);
	if (lead > 0 && kept.slice(lead).includes(1) && axes.some((i) => i >= lead)) {
		// keepdims = 0 dropped inner axes as well: put them back.
		return g.node(
			'Unsqueeze',
			[sum, g.int64(axes.filter((i) => i >= lead).map((i) => i - lead))],
			[{ type: 'float32', shape }],
		)[0];
	}
	return sum;
}

function binary(g: Graph, operator: string, a: Value, b: Value): Value {
	expectType(operator, 'float32', a, b);
	return g.node(operator, [a, b], [{ type: 'float32', shape: broadcast(a.shape, b.shape) }])[0];
}

export const add = (g: Graph, a: Value, b: Value): Value =>
	g.record(binary(g, 'Add', a, b), [a, b], (dy) => [
		unbroadcast(g, dy, a.shape),
		unbroadcast(g, dy, b.shape),
	]);

export const multiply = (g: Graph, a: Value, b: Value): Value =>
	g.record(binary(g, 'Mul', a, b), [a, b], (dy) => [
		unbroadcast(g, binary(g, 'Mul', dy, b), a.shape),
		unbroadcast(g, binary(g, 'Mul', dy, a), b.shape),
	]);

/** silu(gate) · up, with silu(z) = z · σ(z): the gate of SwiGLU (Shazeer 2020). */
export function gatedSilu(g: Graph, gate: Value, up: Value): Value {
	expectType('gatedSilu', 'float32', gate, up);
	const out = [{ type: 'float32', shape: gate.shape }] as const;
	const [sigma] = g.node('Sigmoid', [gate], out);
	const [silu] = g.node('Mul', [gate, sigma], out);
	const [y] = g.node('Mul', [silu, up], out);
	return g.record(y, [gate, up], (dy) => {
		// d silu / dz = σ + silu · (1 − σ)
		const rest = binary(g, 'Sub', g.float(1), sigma);
		const slope = binary(g, 'Add', sigma, binary(g, 'Mul', silu, rest));
		const [dup] = g.node('Mul', [dy, silu], out);
		const dgate = binary(g, 'Mul', binary(g, 'Mul', dy, up), slope);
		return [dgate, dup];
	});
}

/** x / √(mean(x²) + ε) · weight over the last axis (Zhang & Sennrich 2019). */
export function rmsNorm(g: Graph, x: Value, weight: Value, epsilon: number): Value {
	expectType('rmsNorm', 'float32', x, weight);
	const column: Shape = [...x.shape.slice(0, -1), 1];
	const mean = (v: Value): Value =>
		g.node('ReduceMean', [v], [{ type: 'float32', shape: column }], { axes: [-1], keepdims: 1 })[0];
	const root = g.node(
		'Sqrt',
		[binary(g, 'Add', mean(binary(g, 'Mul', x, x)), g.float(epsilon))],
		[{ type: 'float32', shape: column }],
	)[0];
	const normed = binary(g, 'Div', x, root);
	const y = binary(g, 'Mul', normed, weight);
	return g.record(y, [x, weight], (dy) => {
		// With n = x/r: dx = (d − n · mean(d · n)) / r with d = dy · weight.
		const d = binary(g, 'Mul', dy, weight);
		const pull = binary(g, 'Mul', normed, mean(binary(g, 'Mul', d, normed)));
		return [
			binary(g, 'Div', binary(g, 'Sub', d, pull), root),
			unbroadcast(g, binary(g, 'Mul', dy, normed), weight.shape),
		];
	});
}
