/** @file Every differentiable operator against finite differences of its own values, with full and broadcast shapes. */
import { describe, expect, it } from 'vitest';
import { random } from '#base/random.ts';
import { gradients } from '#graph/gradient.ts';
import { Graph } from '#graph/graph.ts';
import { serialise } from '#graph/onnx.ts';
import { add, gatedSilu, multiply, rmsNorm } from '#graph/operators/arithmetic.ts';
import { concatenate, reshape, rotary, slice, transpose } from '#graph/operators/layout.ts';
import { batchedProduct, gemm, mergeLora } from '#graph/operators/linear.ts';
import { embed, softmax, tokenLogProbabilities } from '#graph/operators/tokens.ts';
import { openNodeRuntime } from '#graph/runtime/node.ts';
import { feedFloat, feedInt, floats, type Feeds } from '#graph/runtime/runtime.ts';
import type { Value } from '#graph/value.ts';
import { sizeOf } from '#model/tensor.ts';

const runtime = openNodeRuntime(1);

interface Case {
	readonly name: string;
	/** Float inputs that are differentiated. */
	readonly shapes: readonly (readonly number[])[];
	readonly ids?: readonly number[];
	build(g: Graph, inputs: readonly Value[], ids: Value): Value;
}

const cases: readonly Case[] = [
	{
		name: 'add',
		shapes: [
			[2, 3],
			[2, 3],
		],
		build: (g, [a, b]) => add(g, at(a), at(b)),
	},
	{
		name: 'add, a row broadcast',
		shapes: [[2, 3], [3]],
		build: (g, [a, b]) => add(g, at(a), at(b)),
	},
	{
		name: 'add, inner axis broadcast',
		shapes: [
			[2, 3, 2],
			[3, 1],
		],
		build: (g, [a, b]) => add(g, at(a), at(b)),
	},
	{
		name: 'multiply',
		shapes: [
			[2, 3],
			[2, 3],
		],
		build: (g, [a, b]) => multiply(g, at(a), at(b)),
	},
	{ name: 'multiply with itself', shapes: [[2, 3]], build: (g, [a]) => multiply(g, at(a), at(a)) },
	{
		name: 'multiply, broadcast both ways',
		shapes: [
			[2, 1],
			[1, 3],
		],
		build: (g, [a, b]) => multiply(g, at(a), at(b)),
	},
	{
		name: 'gatedSilu',
		shapes: [
			[3, 4],
			[3, 4],
		],
		build: (g, [a, b]) => gatedSilu(g, at(a), at(b)),
	},
	{ name: 'rmsNorm', shapes: [[3, 4], [4]], build: (g, [a, b]) => rmsNorm(g, at(a), at(b), 1e-5) },
	{ name: 'softmax', shapes: [[2, 5]], build: (g, [a]) => softmax(g, at(a)) },
	{ name: 'reshape', shapes: [[2, 6]], build: (g, [a]) => reshape(g, at(a), [3, 4]) },
	{ name: 'transpose', shapes: [[2, 3, 4]], build: (g, [a]) => transpose(g, at(a), [2, 0, 1]) },
	{
		name: 'concatenate',
		shapes: [
			[2, 3],
			[2, 2],
		],
		build: (g, [a, b]) => concatenate(g, at(a), at(b), 1, 5),
	},
	{ name: 'slice', shapes: [[2, 5]], build: (g, [a]) => slice(g, at(a), 1, 1, 4) },
	{
		name: 'rotary',
		shapes: [[1, 3, 2, 4]],
		build: (g, [a]) =>
			rotary(
				g,
				at(a),
				g.float([1, 1, 0.5, 0.9, -0.4, 0.7], [3, 1, 2]),
				g.float([0, 0, 0.8, 0.4, 0.9, 0.7], [3, 1, 2]),
			),
	},
	...[false, true].flatMap((transA) =>
		[false, true].flatMap((transB): Case[] => [
			{
				name: `gemm ${transA ? 'aᵀ' : 'a'}·${transB ? 'bᵀ' : 'b'}`,
				shapes: [transA ? [3, 2] : [2, 3], transB ? [4, 3] : [3, 4]],
				build: (g, [a, b]) => gemm(g, at(a), at(b), { transA, transB, alpha: 0.7 }),
			},
			{
				name: `batched ${transA ? 'aᵀ' : 'a'}·${transB ? 'bᵀ' : 'b'}`,
				shapes: [transA ? [2, 2, 3, 2] : [2, 2, 2, 3], transB ? [2, 2, 4, 3] : [2, 2, 3, 4]],
				build: (g, [a, b]) => batchedProduct(g, at(a), at(b), { transA, transB, alpha: 0.7 }),
			},
		]),
	),
	{
		name: 'mergeLora',
		shapes: [
			[4, 3],
			[2, 3],
			[4, 2],
		],
		build: (g, [w, a, b]) => mergeLora(g, at(w), at(a), at(b), 1.5),
	},
	{
		name: 'embed',
		shapes: [[5, 3]],
		ids: [4, 0, 4, 2],
		build: (g, [table], ids) => embed(g, at(table), ids),
	},
	{
		name: 'tokenLogProbabilities',
		shapes: [[3, 5]],
		ids: [1, 4, 1],
		build: (g, [logits], ids) => tokenLogProbabilities(g, at(logits), ids),
	},
];

describe('the gradient of', () => {
	it.each(cases)('$name is the finite difference', async ({ shapes, ids = [0], build }) => {
		const stream = random(11);
		const g = new Graph('case');
		const inputs = shapes.map((shape, i) => g.input(`x${i}`, 'float32', shape));
		const tokens = g.input('ids', 'int32', [ids.length]);
		const y = build(g, inputs, tokens);
		// A fixed random direction makes every output element count.
		const size = sizeOf(y.shape.map(Number));
		const direction = Float32Array.from({ length: size }, () => stream.normal());
		const seed = g.float(direction, y.shape);
		g.output(y, 'y');
		gradients(g, new Map([[y, seed]]), inputs).forEach((d, i) => g.output(d, `d${i}`));
		const session = await runtime.open(serialise(g));

		const points = shapes.map((shape) =>
			Float32Array.from({ length: sizeOf(shape) }, () => stream.normal()),
		);
		const run = (values: readonly Float32Array[]): Promise<Feeds> =>
			session.run({
				...Object.fromEntries(values.map((v, i) => [`x${i}`, feedFloat(v, shapes[i] ?? [])])),
				ids: feedInt(Int32Array.from(ids), [ids.length]),
			});
		const value = async (values: readonly Float32Array[]): Promise<number> =>
			floats(await run(values), 'y').reduce((sum, v, i) => sum + v * (direction[i] ?? 0), 0);
		const exact = await run(points);
		for (const [i, point] of points.entries()) {
			const step = 1e-2;
			const numeric: number[] = [];
			for (let j = 0; j < point.length; j++) {
				const moved = (by: number) =>
					points.map((p, k) => (k === i ? p.map((v, m) => (m === j ? v + by : v)) : p));
				numeric.push(((await value(moved(step))) - (await value(moved(-step)))) / (2 * step));
			}
			expect(floats(exact, `d${i}`)).toBeAllclose(numeric, { relative: 5e-3, absolute: 5e-3 });
		}
		await session.release();
	});
});

describe('building a graph', () => {
	const g = new Graph('checks');
	const a = g.input('a', 'float32', ['N', 3]);
	const ids = g.input('ids', 'int32', ['N']);

	it('refuses shapes that do not fit, naming them', () => {
		expect(() => gemm(g, a, g.float([1, 2, 3, 4], [2, 2]))).toThrow('3 does not match 2');
		expect(() => add(g, a, g.input('b', 'float32', ['M', 3]))).toThrow(
			'cannot broadcast [N, 3] with [M, 3]',
		);
		expect(() => reshape(g, a, ['P', 'Q'])).toThrow('needs a shape tensor');
	});
	it('refuses element types that do not fit', () => {
		expect(() => add(g, a, ids)).toThrow('ids is int32, expected float32');
	});
	it('refuses a name twice, and a parameter that does not reach the loss', () => {
		expect(() => g.input('a', 'float32', [1])).toThrow('taken');
		const lonely = g.input('lonely', 'float32', [1]);
		expect(() => gradients(g, new Map([[a, a]]), [lonely])).toThrow('does not reach');
	});
	it('refuses to serialise a graph without an output', () => {
		expect(() => serialise(new Graph('empty'))).toThrow('no output');
	});
});

/** The value, which the case's shapes promise. */
function at(value: Value | undefined): Value {
	if (!value) throw new Error('the case has too few shapes');
	return value;
}
