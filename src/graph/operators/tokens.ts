/** @file Token operators: embedding, softmax, log-probability of given tokens. */
import type { Graph } from '../graph.ts';
import {
	dimension,
	expectSame,
	expectType,
	GraphError,
	type Dimension,
	type Value,
} from '../value.ts';
import { gemm } from './linear.ts';

/** Rows of `table` [V, D] by flat `ids` [N] → [N, D]. */
export function embed(g: Graph, table: Value, ids: Value): Value {
	expectType('embed', 'float32', table);
	expectType('embed', 'int32', ids);
	const [y] = g.node(
		'Gather',
		[table, ids],
		[{ type: 'float32', shape: [...ids.shape, dimension(table, 1)] }],
		{ axis: 0 },
	);
	// The transpose of picking rows is a product with the one-hot matrix: fast, unlike scatter-add.
	return g.record(y, [table, ids], (dy) => [
		gemm(g, oneHot(g, ids, dimension(table, 0)), dy, { transA: true }),
		undefined,
	]);
}

/** ids [N] → [N, V] of zeros and ones. */
export function oneHot(g: Graph, ids: Value, size: Dimension): Value {
	if (typeof size !== 'number') throw new GraphError('oneHot: the vocabulary size must be known');
	return g.once(`one-hot of ${ids.name}`, () => {
		const column = g.node(
			'Unsqueeze',
			[ids, g.int64([1])],
			[{ type: 'int32', shape: [dimension(ids, 0), 1] }],
		)[0];
		const range = g.int32(
			Array.from({ length: size }, (_, i) => i),
			[1, size],
		);
		const shape = [dimension(ids, 0), size];
		const [equal] = g.node('Equal', [column, range], [{ type: 'bool', shape }]);
		return g.node('Cast', [equal], [{ type: 'float32', shape }], { to: 1 })[0];
	});
}

/** Softmax over the last axis. */
export function softmax(g: Graph, x: Value): Value {
	expectType('Softmax', 'float32', x);
	const out = [{ type: 'float32', shape: x.shape }] as const;
	const [y] = g.node('Softmax', [x], out, { axis: -1 });
	return g.record(y, [x], (dy) => {
		// dx = y · (dy − Σ dy·y)
		const [product] = g.node('Mul', [dy, y], out);
		const column = [...x.shape.slice(0, -1), 1];
		const [sum] = g.node(
			'ReduceSum',
			[product, g.int64([-1])],
			[{ type: 'float32', shape: column }],
			{ keepdims: 1 },
		);
		const [centred] = g.node('Sub', [dy, sum], out);
		return [g.node('Mul', [centred, y], out)[0]];
	});
}

/** log softmax(logits)[n, targets[n]]: logits [N, V], targets [N] → [N], nats. */
export function tokenLogProbabilities(g: Graph, logits: Value, targets: Value): Value {
	expectType('tokenLogProbabilities', 'float32', logits);
	expectType('tokenLogProbabilities', 'int32', targets);
	const [n, v] = [dimension(logits, 0), dimension(logits, 1)];
	expectSame('tokenLogProbabilities', n, dimension(targets, 0));
	const [logs] = g.node('LogSoftmax', [logits], [{ type: 'float32', shape: logits.shape }], {
		axis: -1,
	});
	const [index] = g.node('Unsqueeze', [targets, g.int64([1])], [{ type: 'int32', shape: [n, 1] }]);
	const [picked] = g.node('GatherElements', [logs, index], [{ type: 'float32', shape: [n, 1] }], {
		axis: 1,
	});
	const [y] = g.node('Squeeze', [picked, g.int64([1])], [{ type: 'float32', shape: [n] }]);
	return g.record(y, [logits, targets], (dy) => {
		// dlogits = (one-hot − softmax) · dy
		const out = [{ type: 'float32', shape: [n, v] }] as const;
		const [p] = g.node('Exp', [logs], out);
		const [difference] = g.node('Sub', [oneHot(g, targets, v), p], out);
		const [column] = g.node('Unsqueeze', [dy, g.int64([1])], [{ type: 'float32', shape: [n, 1] }]);
		return [g.node('Mul', [difference, column], out)[0], undefined];
	});
}
