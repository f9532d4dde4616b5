/** @file Inference graphs: one decode step with a KV cache, and a whole batch in one ONNX Loop. */
import { Graph } from '#graph/graph.ts';
import { serialise } from '#graph/onnx.ts';
import { concatenate } from '#graph/operators/layout.ts';
import type { Value } from '#graph/value.ts';
import { fillToken, type ModelSpec } from '../model-spec.ts';
import type { LoraTarget, Parameters } from '../adapter.ts';
import type { PackedPlan } from '../packing/packing.ts';
import { headName, transformer, type WeightSource } from '../transformer.ts';
import { packedWeights } from './packed-weights.ts';
import { floatProducts, type Products } from './products.ts';
import { symbolicOperators } from './symbolic-operators.ts';
import { inputAngles } from './training-graph.ts';
import { inputWeights, type LoraForm } from './weights.ts';

const float = (shape: Value['shape']) => ({ type: 'float32', shape }) as const;

interface Step {
	/** [R, V] logits after the selected tokens. */
	readonly logits: Value;
	/** Keys then values of each layer, [B, G, L, S]. */
	readonly present: readonly Value[];
	/** Keys and values of this step, [B, G, T, S]. */
	readonly added: readonly Value[];
}

/**
 * Runs T tokens on top of `past` (keys and values layer by layer; none at the start of a batch); logits are of the tokens
 * at `rows` [R] (indices in the flat [B·T]), otherwise of the last of each sequence.
 */
function step(
	g: Graph,
	spec: ModelSpec,
	source: WeightSource<Value>,
	inputs: {
		readonly ids: Value;
		readonly mask: Value;
		readonly angles?: { readonly cos: Value; readonly sin: Value } | undefined;
		readonly past: readonly Value[];
		readonly rows?: Value;
	},
	products: Products = floatProducts,
): Step {
	const present: Value[] = [];
	const added: Value[] = [];
	const ops = symbolicOperators(g, {
		...inputs,
		products,
		cache: (layer, k, v) => {
			const [oldK, oldV] = [inputs.past[2 * layer], inputs.past[2 * layer + 1]];
			const joined = (old: Value | undefined, now: Value): Value =>
				old ? concatenate(g, old, now, 2, 'L') : now;
			const all = [joined(oldK, k), joined(oldV, v)] as const;
			present.push(...all);
			added.push(k, v);
			return all;
		},
	});
	const hidden = transformer(spec, inputs.ids, source, ops);
	const wanted = inputs.rows
		? g.node('Gather', [hidden, inputs.rows], [float(['R', spec.hiddenSize])], { axis: 0 })[0]
		: lastRows(g, spec, inputs.ids, hidden);
	return { logits: products.product(g, wanted, source.weight(headName(spec))), present, added };
}

/** The last of each sequence: hidden states [N, D] → [B, D]. */
function lastRows(g: Graph, spec: ModelSpec, ids: Value, hidden: Value): Value {
	const [shape] = g.node('Shape', [ids], [{ type: 'int64', shape: [2] }]);
	const [target] = g.node(
		'Concat',
		[shape, g.int64([spec.hiddenSize])],
		[{ type: 'int64', shape: [3] }],
		{ axis: 0 },
	);
	const [rows] = g.node('Reshape', [hidden, target], [float(['B', 'T', spec.hiddenSize])]);
	return g.node('Gather', [rows, g.int64(-1)], [float(['B', spec.hiddenSize])], {
		axis: 1,
	})[0];
}

/**
 * One step. Inputs: ids [B, T] int32, mask [B, 1, T, L], rows [R] int32 (the tokens b · T + t with logits), `past/<i>`
 * [B, G, P, S] (P and R > 0 on WebGPU), cos and sin [B, T, 1, S/2] with rotary layers. Outputs: logits [R, V],
 * `added/<i>` [B, G, T, S], which the caller appends to the past.
 */
export function stepGraph(spec: ModelSpec, parameters: Parameters | null): Uint8Array {
	const g = new Graph('step');
	return oneStep(g, spec, inputWeights(g, spec, parameters, 'factored', 1));
}

/** The same over packed weights, which are its external constants; with `targets`, a LoRA of any rank is an input. */
export function packedStepGraph(
	spec: ModelSpec,
	plan: PackedPlan,
	targets: readonly LoraTarget[],
	accuracy: number,
): Uint8Array {
	const g = new Graph('step');
	const weights = packedWeights(g, spec, plan, targets, accuracy);
	return oneStep(g, spec, weights, weights);
}

function oneStep(
	g: Graph,
	spec: ModelSpec,
	weights: WeightSource<Value>,
	products?: Products,
): Uint8Array {
	const ids = g.input('ids', 'int32', ['B', 'T']);
	const mask = g.input('mask', 'float32', ['B', 1, 'T', 'L']);
	const angles = inputAngles(g, spec, ['B', 'T', 1, spec.headSize / 2]);
	const rows = g.input('rows', 'int32', ['R']);
	const past = Array.from({ length: 2 * spec.layers }, (_, i) =>
		g.input(`past/${i}`, 'float32', ['B', spec.keyValueHeads, 'P', spec.headSize]),
	);
	const { logits, added } = step(g, spec, weights, { ids, mask, angles, past, rows }, products);
	g.output(logits, 'logits');
	added.forEach((value, i) => {
		g.output(value, `added/${i}`);
	});
	return serialise(g);
}

/**
 * Prompt and all steps in one run, so that the cache never leaves the runtime. Inputs: ids [B, T] int32 left-padded, mask
 * [B, 1, T, T], keyMask [B, 1, 1, T], steps (int64); sampled: inverseTemperature (float) and noise [M, B, V] (Gumbel);
 * with rotary layers: positions [B, T] int32 and tables cos and sin [C, 1, S/2] of C ≥ T + M positions. Outputs: tokens
 * [M', B] int64 and logprobs [M', B] (of the untempered distribution), M' ≤ M: it stops when every sequence has an end
 * token.
 */
export function loopGraph(
	spec: ModelSpec,
	parameters: Parameters | null,
	form: LoraForm,
	sampled: boolean,
	endTokens: readonly number[] = [spec.endToken],
): Uint8Array {
	const g = new Graph('generate');
	const ids = g.input('ids', 'int32', ['B', 'T']);
	const mask = g.input('mask', 'float32', ['B', 1, 'T', 'T']);
	const keyMask = g.input('keyMask', 'float32', ['B', 1, 1, 'T']);
	const steps = g.input('steps', 'int64', []);
	const noise = sampled ? g.input('noise', 'float32', ['M', 'B', spec.vocabularySize]) : undefined;
	const coldness = sampled ? g.input('inverseTemperature', 'float32', []) : undefined;
	const tables = inputAngles(g, spec, ['C', 1, spec.headSize / 2]);
	const positions = tables ? g.input('positions', 'int32', ['B', 'T']) : undefined;
	const weights = inputWeights(g, spec, parameters, form, 1);
	// Merged weights are computed here, outside the body: once per batch.
	const names = new Set<string>();
	const prompt = step(
		g,
		spec,
		{ ...weights, weight: (name) => (names.add(name), weights.weight(name)) },
		{ ids, mask, angles: anglesAt(g, tables, positions), past: [] },
	);
	const lastPlace =
		positions &&
		g.node('Gather', [positions, g.int64([-1])], [{ type: 'int32', shape: ['B', 1] }], {
			axis: 1,
		})[0];
	const none = g.node(
		'Less',
		[oneColumn(g, prompt.logits), g.float(-Infinity)],
		[{ type: 'bool', shape: ['B', 1] }],
	)[0];

	const body = new Graph('body', g);
	const at = body.input('at', 'int64', []);
	body.input('goOn', 'bool', []);
	const logits = body.input('lastLogits', 'float32', ['B', spec.vocabularySize]);
	const ended = body.input('ended', 'bool', ['B', 1]);
	const keys = body.input('keys', 'float32', ['B', 1, 1, 'P']);
	const place = lastPlace && body.input('place', 'int32', ['B', 1]);
	const past = prompt.present.map((_, i) =>
		body.input(`past/${i}`, 'float32', ['B', spec.keyValueHeads, 'P', spec.headSize]),
	);

	let scores = logits;
	if (noise && coldness) {
		const [mine] = body.node('Gather', [noise, at], [float(['B', spec.vocabularySize])], {
			axis: 0,
		});
		const [tempered] = body.node('Mul', [logits, coldness], [float(logits.shape)]);
		[scores] = body.node('Add', [tempered, mine], [float(logits.shape)]);
	}
	const [best] = body.node('ArgMax', [scores], [{ type: 'int64', shape: ['B', 1] }], {
		axis: -1,
		keepdims: 1,
	});
	const [token] = body.node(
		'Where',
		[ended, body.int64(fillToken(spec)), best],
		[{ type: 'int64', shape: ['B', 1] }],
	);
	const [logs] = body.node('LogSoftmax', [logits], [float(logits.shape)], { axis: -1 });
	const [logprob] = body.node('GatherElements', [logs, token], [float(['B', 1])], { axis: 1 });
	const isEnd = endTokens
		.map(
			(end) => body.node('Equal', [token, body.int64(end)], [{ type: 'bool', shape: ['B', 1] }])[0],
		)
		.reduce((a, b) => body.node('Or', [a, b], [{ type: 'bool', shape: ['B', 1] }])[0]);
	const [nowEnded] = body.node('Or', [ended, isEnd], [{ type: 'bool', shape: ['B', 1] }]);
	const [asNumber] = body.node('Cast', [nowEnded], [{ type: 'int32', shape: ['B', 1] }], { to: 6 });
	const [least] = body.node('ReduceMin', [asNumber], [{ type: 'int32', shape: [] }], {
		keepdims: 0,
	});
	const [open] = body.node('Less', [least, body.int32([1], [])], [{ type: 'bool', shape: [] }]);
	const [next] = body.node('Cast', [token], [{ type: 'int32', shape: ['B', 'T'] }], { to: 6 });
	const [zero] = body.node('Mul', [logprob, body.float(0)], [float(['B', 1])]);
	const [column] = body.node('Unsqueeze', [zero, body.int64([1, 2])], [float(['B', 1, 1, 1])]);
	const [seen] = body.node('Concat', [keys, column], [float(['B', 1, 1, 'L'])], { axis: 3 });
	const stepMask: Value = { ...seen, shape: ['B', 1, 'T', 'L'] };
	const nextPlace =
		place &&
		body.node('Add', [place, body.int32([1], [])], [{ type: 'int32', shape: ['B', 'T'] }])[0];
	const angles = anglesAt(body, tables, nextPlace);
	const source = fromOutside(weights, names);
	const after = step(body, spec, source, { ids: next, mask: stepMask, angles, past });

	body.output(open, 'open');
	body.output(after.logits, 'nextLogits');
	body.output(nowEnded, 'nowEnded');
	body.output(seen, 'nextKeys');
	if (nextPlace) body.output(nextPlace, 'nextPlace');
	after.present.forEach((value, i) => {
		body.output(value, `next/${i}`);
	});
	const squeezed = (v: Value, name: string): void => {
		const [flat] = body.node('Squeeze', [v, body.int64([1])], [{ type: v.type, shape: ['B'] }]);
		body.output(flat, name);
	};
	squeezed(token, 'token');
	squeezed(logprob, 'logprob');

	const carried = [
		prompt.logits,
		none,
		keyMask,
		...(lastPlace ? [lastPlace] : []),
		...prompt.present,
	];
	const results = g.node(
		'Loop',
		[steps, g.bool(true), ...carried],
		[
			...carried.map(({ type, shape }) => ({
				type,
				shape: shape.map((d) => (d === 'T' ? 'L' : d)),
			})),
			{ type: 'int64' as const, shape: ['M', 'B'] },
			{ type: 'float32' as const, shape: ['M', 'B'] },
		],
		{ body },
	);
	const [tokens, logprobs] = results.slice(carried.length);
	if (tokens) g.output(tokens, 'tokens');
	if (logprobs) g.output(logprobs, 'logprobs');
	return serialise(g);
}

/** Rows of the cosine and sine tables at these positions: [B, T, 1, S/2]. */
function anglesAt(
	g: Graph,
	tables: { readonly cos: Value; readonly sin: Value } | undefined,
	positions: Value | undefined,
): { cos: Value; sin: Value } | undefined {
	if (!tables || !positions) return undefined;
	const rows = (table: Value): Value =>
		g.node('Gather', [table, positions], [float([...positions.shape, ...table.shape.slice(1)])], {
			axis: 0,
		})[0];
	return { cos: rows(tables.cos), sin: rows(tables.sin) };
}

/** First column [B, 1] of a [B, V] value. */
const oneColumn = (g: Graph, x: Value): Value =>
	g.node('Gather', [x, g.int64([0])], [float(['B', 1])], { axis: 1 })[0];

/** Weights already computed in the outer graph; requesting another one here would emit nodes in the wrong graph. */
const fromOutside = (
	weights: WeightSource<Value>,
	names: ReadonlySet<string>,
): WeightSource<Value> => ({
	weight: (name) => {
		if (!names.has(name)) throw new Error(`${name} was not used by the prompt`);
		return weights.weight(name);
	},
	lora: weights.lora,
});
