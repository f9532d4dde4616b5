/** @file Matrix products: Gemm on flat rows, batched products for attention, and a LoRA merged into its weight. */
import type { Graph } from '../graph.ts';
import { dimension, expectSame, expectType, type Dimension, type Value } from '../value.ts';

/** op(a)·op(b)·alpha of 2-D values, with an optional transpose op. */
export function gemm(
	g: Graph,
	a: Value,
	b: Value,
	options: { readonly transA?: boolean; readonly transB?: boolean; readonly alpha?: number } = {},
): Value {
	expectType('Gemm', 'float32', a, b);
	const { transA = false, transB = false, alpha = 1 } = options;
	expectSame('Gemm', dimension(a, transA ? 0 : 1), dimension(b, transB ? 1 : 0));
	const shape = [dimension(a, transA ? 1 : 0), dimension(b, transB ? 0 : 1)];
	const [y] = g.node('Gemm', [a, b], [{ type: 'float32', shape }], {
		transA: transA ? 1 : 0,
		transB: transB ? 1 : 0,
		alpha: { float: alpha },
	});
	return g.record(y, [a, b], (dy) => [
		transA
			? gemm(g, b, dy, { transA: transB, transB: true, alpha })
			: gemm(g, dy, b, { transB: !transB, alpha }),
		transB
			? gemm(g, dy, a, { transA: true, transB: transA, alpha })
			: gemm(g, a, dy, { transA: !transA, alpha }),
	]);
}

/** weight + scale · B·A in one node: [O, I] + [O, r]·[r, I]. */
export function mergeLora(g: Graph, weight: Value, a: Value, b: Value, scale: number): Value {
	expectType('mergeLora', 'float32', weight, a, b);
	expectSame('mergeLora', dimension(a, 0), dimension(b, 1));
	expectSame('mergeLora', dimension(b, 0), dimension(weight, 0));
	expectSame('mergeLora', dimension(a, 1), dimension(weight, 1));
	const [y] = g.node('Gemm', [b, a, weight], [{ type: 'float32', shape: weight.shape }], {
		alpha: { float: scale },
		beta: { float: 1 },
	});
	return g.record(y, [weight, a, b], (dy) => [
		dy,
		gemm(g, b, dy, { transA: true, alpha: scale }),
		gemm(g, dy, a, { transB: true, alpha: scale }),
	]);
}

/** op(a)·op(b)·alpha over the last two axes, the leading ones alike (ONNX Runtime's FusedMatMul). */
export function batchedProduct(
	g: Graph,
	a: Value,
	b: Value,
	options: { readonly transA?: boolean; readonly transB?: boolean; readonly alpha?: number } = {},
): Value {
	expectType('FusedMatMul', 'float32', a, b);
	const { transA = false, transB = false, alpha = 1 } = options;
	const lead: Dimension[] = a.shape.slice(0, -2);
	lead.forEach((d, i) => {
		expectSame('FusedMatMul', d, dimension(b, i));
	});
	expectSame('FusedMatMul', dimension(a, transA ? -2 : -1), dimension(b, transB ? -1 : -2));
	const shape = [...lead, dimension(a, transA ? -1 : -2), dimension(b, transB ? -2 : -1)];
	const [y] = g.node(
		'FusedMatMul',
		[a, b],
		[{ type: 'float32', shape }],
		{ transA: transA ? 1 : 0, transB: transB ? 1 : 0, alpha: { float: alpha } },
		'com.microsoft',
	);
	return g.record(y, [a, b], (dy) => [
		transA
			? batchedProduct(g, b, dy, { transA: transB, transB: true, alpha })
			: batchedProduct(g, dy, b, { transB: !transB, alpha }),
		transB
			? batchedProduct(g, dy, a, { transA: true, transB: transA, alpha })
			: batchedProduct(g, a, dy, { transA: !transA, alpha }),
	]);
}
