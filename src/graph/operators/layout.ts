/** @file Changes of layout: reshape, transpose, concatenate, slice, repeat. Values are moved, never changed. */
import type { Graph } from '../graph.ts';
import {
	broadcast,
	dimension,
	expectSame,
	GraphError,
	sameShape,
	showShape,
	type Shape,
	type Value,
} from '../value.ts';

/** Reshape's target: 0 keeps a dimension, −1 infers one; undefined if more than one dimension is unknown. */
function targetOf(from: Shape, to: Shape): readonly number[] | undefined {
	const target = to.map((d, i) => (typeof d === 'number' ? d : d === from[i] ? 0 : -1));
	return target.filter((d) => d === -1).length > 1 ? undefined : target;
}

/** Reshapes; if `shape` has several new symbols, `target` is the shape as a tensor. */
export function reshape(g: Graph, x: Value, shape: Shape, target?: Value): Value {
	if (sameShape(x.shape, shape)) return x;
	const known = targetOf(x.shape, shape);
	const to = known ? g.int64(known) : target;
	if (!to)
		throw new GraphError(
			`reshape ${showShape(x.shape)} to ${showShape(shape)} needs a shape tensor`,
		);
	const [y] = g.node('Reshape', [x, to], [{ type: x.type, shape }]);
	return g.record(y, [x], (dy) => {
		const back = targetOf(shape, x.shape)
			? undefined
			: g.once(
					`shape of ${x.name}`,
					() => g.node('Shape', [x], [{ type: 'int64', shape: [x.shape.length] }])[0],
				);
		return [reshape(g, dy, x.shape, back)];
	});
}

export function transpose(g: Graph, x: Value, permutation: readonly number[]): Value {
	const shape = permutation.map((i) => dimension(x, i));
	const [y] = g.node('Transpose', [x], [{ type: x.type, shape }], { perm: permutation });
	const inverse = permutation.map((_, i) => permutation.indexOf(i));
	return g.record(y, [x], (dy) => [transpose(g, dy, inverse)]);
}

/** Joins along an axis; only the first operand keeps its gradient's size unknown, so both must be known to differentiate. */
export function concatenate(
	g: Graph,
	a: Value,
	b: Value,
	axis: number,
	size: string | number,
): Value {
	a.shape.forEach((d, i) => {
		if (i !== axis) expectSame('Concat', d, dimension(b, i));
	});
	const shape = a.shape.map((d, i) => (i === axis ? size : d));
	const [y] = g.node('Concat', [a, b], [{ type: a.type, shape }], { axis });
	return g.record(y, [a, b], (dy) => {
		const n = dimension(a, axis);
		if (typeof n !== 'number' || typeof size !== 'number')
			throw new GraphError('Concat: gradients need known sizes');
		return [slice(g, dy, axis, 0, n), slice(g, dy, axis, n, size)];
	});
}

/** Elements from `start` to `end` along an axis whose size is known. */
export function slice(g: Graph, x: Value, axis: number, start: number, end: number): Value {
	const size = dimension(x, axis);
	if (typeof size !== 'number' || start < 0 || end > size || end <= start)
		throw new GraphError(`Slice ${start}..${end} of ${showShape(x.shape)} on axis ${axis}`);
	const shape = x.shape.map((d, i) => (i === axis ? end - start : d));
	const [y] = g.node(
		'Slice',
		[x, g.int64([start]), g.int64([end]), g.int64([axis])],
		[{ type: x.type, shape }],
	);
	return g.record(y, [x], (dy) => {
		const pads = [
			...x.shape.map((_, i) => (i === axis ? start : 0)),
			...x.shape.map((_, i) => (i === axis ? size - end : 0)),
		];
		return [g.node('Pad', [dy, g.int64(pads)], [{ type: 'float32', shape: x.shape }])[0]];
	});
}

/**
 * Rotary position embedding, Hugging Face's halves: (x₁, x₂) → (x₁cos − x₂sin, x₂cos + x₁sin).
 * x [B, T, H, S]; cos, sin [.., T, 1, S/2] broadcast over heads (Su et al. 2021).
 */
export function rotary(g: Graph, x: Value, cos: Value, sin: Value): Value {
	const size = dimension(x, 3);
	if (typeof size !== 'number' || size % 2 !== 0)
		throw new GraphError('rotary: the head size must be even');
	const half = size / 2;
	const turn = (v: Value, back: boolean): Value => {
		const shape = [...v.shape.slice(0, 3), half];
		const out = [{ type: 'float32', shape }] as const;
		const [a, b] = g.node('Split', [v, g.int64([half, half])], [...out, ...out], { axis: 3 });
		broadcast(a.shape, cos.shape);
		const times = (p: Value, q: Value): Value => g.node('Mul', [p, q], out)[0];
		const [first] = g.node(back ? 'Add' : 'Sub', [times(a, cos), times(b, sin)], out);
		const [second] = g.node(back ? 'Sub' : 'Add', [times(b, cos), times(a, sin)], out);
		return g.node('Concat', [first, second], [{ type: 'float32', shape: v.shape }], { axis: 3 })[0];
	};
	return g.record(turn(x, false), [x], (dy) => [turn(dy, true)]);
}
