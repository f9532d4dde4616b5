/**
 * @file Graphs of the LM head with the loss for a few rows at a time, so that memory does not grow with the vocabulary
 * times the tokens: final norm, logits, log-probability of each row's target, and the gradient of the hidden state.
 *
 * The target's logit is a dot product and its gradient a row of the table, so no one-hot is made; one [R, V] buffer.
 */
import { gradients } from '#graph/gradient.ts';
import { Graph } from '#graph/graph.ts';
import { rmsNorm } from '#graph/operators/arithmetic.ts';
import { gemm } from '#graph/operators/linear.ts';
import { serialise } from '#graph/onnx.ts';
import type { Shape, Value } from '#graph/value.ts';
import type { ModelSpec } from '../model-spec.ts';

/** log softmax(h · tableᵀ)[r, targets[r]] → [R], nats; differentiable in h [R, D], the table [V, D] is frozen. */
function targetLogProbabilities(g: Graph, h: Value, table: Value, targets: Value): Value {
	const node = (operator: string, inputs: readonly Value[], shape: Shape, attributes = {}): Value =>
		g.node(operator, inputs, [{ type: 'float32', shape }], attributes)[0];
	const [rows, wide, column] = [h.shape, ['R', Number(table.shape[0])], ['R', 1]];
	const last = g.int64([-1]);

	const logits = gemm(g, h, table, { transB: true });
	const top = node('ReduceMax', [logits], column, { axes: [-1], keepdims: 1 });
	const powers = node('Exp', [node('Sub', [logits, top], wide)], wide);
	const sum = node('ReduceSum', [powers, last], column, { keepdims: 1 });
	const logSum = node('Add', [node('Log', [sum], column), top], column);

	const own = node('Gather', [table, targets], rows, { axis: 0 });
	const logit = node('ReduceSum', [node('Mul', [h, own], rows), last], column, { keepdims: 1 });
	const y = node('Squeeze', [node('Sub', [logit, logSum], column), g.int64([1])], ['R']);
	return g.record(y, [h], (dy) => {
		// dh = (table[target] − softmax · table) · dy
		const mean = node('Div', [gemm(g, powers, table), sum], rows);
		const difference = node('Sub', [own, mean], rows);
		return [node('Mul', [difference, node('Unsqueeze', [dy, g.int64([1])], column)], rows)];
	});
}

function forward(g: Graph, spec: ModelSpec): { hidden: Value; logprobs: Value } {
	const hidden = g.input('hidden', 'float32', ['R', spec.hiddenSize]);
	const targets = g.input('targets', 'int32', ['R']);
	const norm = g.input('norm', 'float32', [spec.hiddenSize]);
	const table = g.input('table', 'float32', [spec.vocabularySize, spec.hiddenSize]);
	const h = rmsNorm(g, hidden, norm, spec.normEpsilon);
	return { hidden, logprobs: targetLogProbabilities(g, h, table, targets) };
}

/** Inputs hidden [R, D], targets [R] int32, norm [D], table [V, D]; output logprobs [R], nats. */
export function headScoringGraph(spec: ModelSpec): Uint8Array {
	const g = new Graph('head');
	g.output(forward(g, spec).logprobs, 'logprobs');
	return serialise(g);
}

/** Input weights [R] besides; outputs loss = −Σ w·log p [1] and dhidden [R, D]. */
export function headTrainingGraph(spec: ModelSpec): Uint8Array {
	const g = new Graph('head with loss');
	const w = g.input('weights', 'float32', ['R']);
	const { hidden, logprobs } = forward(g, spec);
	const [minus] = g.node('Neg', [w], [{ type: 'float32', shape: ['R'] }]);
	const [weighted] = g.node('Mul', [minus, logprobs], [{ type: 'float32', shape: ['R'] }]);
	const [loss] = g.node('ReduceSum', [weighted, g.int64([0])], [{ type: 'float32', shape: [1] }], {
		keepdims: 1,
	});
	g.output(loss, 'loss');
	for (const dhidden of gradients(g, new Map([[logprobs, minus]]), [hidden]))
		g.output(dhidden, 'dhidden');
	return serialise(g);
}
