/** @file Training and scoring graphs: log-probabilities of the next tokens, the weighted token loss and its gradient. */
import { gradients } from '#graph/gradient.ts';
import { Graph } from '#graph/graph.ts';
import { gemm } from '#graph/operators/linear.ts';
import { tokenLogProbabilities } from '#graph/operators/tokens.ts';
import { serialise } from '#graph/onnx.ts';
import type { Value } from '#graph/value.ts';
import type { Parameters } from '../adapter.ts';
import type { ModelSpec } from '../model-spec.ts';
import { headName, transformer } from '../transformer.ts';
import { symbolicOperators } from './symbolic-operators.ts';
import { inputWeights, type GraphWeights, type LoraForm } from './weights.ts';

/** Inputs beside the weights: ids [B, T] int32, targets [N] int32, mask [1, 1, T, T]; cos, sin [T, 1, S/2] with rotary layers. */
function forward(
	g: Graph,
	spec: ModelSpec,
	parameters: Parameters | null,
	form: LoraForm,
	scale: number,
): { weights: GraphWeights; logprobs: Value } {
	const ids = g.input('ids', 'int32', ['B', 'T']);
	const targets = g.input('targets', 'int32', ['N']);
	const mask = g.input('mask', 'float32', [1, 1, 'T', 'T']);
	const angles = inputAngles(g, spec, ['T', 1, spec.headSize / 2]);
	const weights = inputWeights(g, spec, parameters, form, scale);
	const hidden = transformer(spec, ids, weights, symbolicOperators(g, { ids, mask, angles }));
	const logits = gemm(g, hidden, weights.weight(headName(spec)), { transB: true });
	return { weights, logprobs: tokenLogProbabilities(g, logits, targets) };
}

/** The cosine and sine inputs, for models with positions. */
export const inputAngles = (
	g: Graph,
	spec: ModelSpec,
	shape: Value['shape'],
): { cos: Value; sin: Value } | undefined =>
	spec.rope.some(Boolean)
		? { cos: g.input('cos', 'float32', shape), sin: g.input('sin', 'float32', shape) }
		: undefined;

/** Scale of a trained LoRA; 1 if alpha / r is already folded into B. */
export const scaleOf = (parameters: Parameters): number =>
	parameters.kind === 'lora' ? parameters.alpha / parameters.rank : 1;

/** Output `logprobs` [N], nats. `scale` multiplies the LoRA (`scaleOf`, or 1 for folded factors). */
export function scoringGraph(
	spec: ModelSpec,
	parameters: Parameters | null,
	form: LoraForm,
	scale: number,
): Uint8Array {
	const g = new Graph('score');
	g.output(forward(g, spec, parameters, form, scale).logprobs, 'logprobs');
	return serialise(g);
}

/** Also has the input `weights` [N]; outputs `loss` = −Σ w·log p and `gradient/<name>` for each parameter. */
export function trainingGraph(spec: ModelSpec, parameters: Parameters, form: LoraForm): Uint8Array {
	const g = new Graph('train');
	const w = g.input('weights', 'float32', ['N']);
	const { weights, logprobs } = forward(g, spec, parameters, form, scaleOf(parameters));
	const [minus] = g.node('Neg', [w], [{ type: 'float32', shape: ['N'] }]);
	const [weighted] = g.node('Mul', [minus, logprobs], [{ type: 'float32', shape: ['N'] }]);
	const [loss] = g.node('ReduceSum', [weighted, g.int64([0])], [{ type: 'float32', shape: [1] }], {
		keepdims: 1,
	});
	g.output(loss, 'loss');
	const names = [...weights.parameters.keys()];
	const values = [...weights.parameters.values()];
	gradients(g, new Map([[logprobs, minus]]), values).forEach((gradient, i) => {
		g.output(gradient, `gradient/${names[i] ?? ''}`);
	});
	return serialise(g);
}
