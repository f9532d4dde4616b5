/**
 * @file Graphs of one transformer block, run for every layer with that layer's weights as feeds: forward, and backward
 * from kept activations or from the block's input alone.
 *
 * Outputs of products and of softmax are kept; norms, gates, rotations and layouts are cheap and recomputed.
 */
import { cut } from '#graph/cut.ts';
import { gradients } from '#graph/gradient.ts';
import { Graph } from '#graph/graph.ts';
import { serialise } from '#graph/onnx.ts';
import type { Value } from '#graph/value.ts';
import type { Parameters } from '../adapter.ts';
import type { Operators } from '../operators.ts';
import { loraShapes, weightShapes } from '../spec.ts';
import { type ModelSpec } from '../model-spec.ts';
import { block } from '../transformer.ts';
import { symbolicOperators } from './symbolic-operators.ts';
import { scaleOf } from './training-graph.ts';

/** A serialised graph and its inputs. */
export interface CutGraph {
	readonly model: Uint8Array;
	readonly inputs: ReadonlySet<string>;
}

/**
 * Inputs of all: x [N, D], ids [B, T] (for their shape), mask [1, 1, T, T], cos and sin [T, 1, S/2] with positions,
 * weights and factors by their names within the layer (`mlp.up_proj.weight`, `mlp.up_proj.lora_A.weight`).
 */
export interface BlockGraphs {
	/** y [N, D]. */
	readonly forward: CutGraph;
	/** y, and the values of `kept`. */
	readonly forwardKeeping: CutGraph;
	/** From x, dy [N, D] and `kept`: dx [N, D] and `gradient/<factor>`. */
	readonly backward: CutGraph;
	/** The same from x and dy alone. */
	readonly backwardRecomputing: CutGraph;
	readonly kept: readonly string[];
}

type Lora = Extract<Parameters, { kind: 'lora' }>;

const expensive = new Set(['Gemm', 'FusedMatMul', 'Softmax']);

/** `model.layers.3.` */
export const layerPrefix = (layer: number): string => `model.layers.${layer}.`;

/** Names within a layer, with shapes: `mlp.up_proj.weight`. */
export const withinLayer = <T>(all: ReadonlyMap<string, T>, layer: number): Map<string, T> => {
	const prefix = layerPrefix(layer);
	return new Map(
		[...all].flatMap(([name, value]) =>
			name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
		),
	);
};

const toCut = (graph: Graph): CutGraph => ({
	model: serialise(graph),
	inputs: new Set(graph.inputs.map((v) => v.name)),
});

/** A block under construction, with the values of its forward pass. */
interface Built {
	readonly g: Graph;
	readonly x: Value;
	readonly y: Value;
	/** Outputs of linear modules, LoRA included. */
	readonly linears: ReadonlySet<Value>;
	readonly factors: ReadonlyMap<string, Value>;
}

function build(spec: ModelSpec, layer: number, lora: Lora): Built {
	const g = new Graph(spec.rope[layer] ? 'block' : 'block without positions');
	const x = g.input('x', 'float32', ['N', spec.hiddenSize]);
	const ids = g.input('ids', 'int32', ['B', 'T']);
	const mask = g.input('mask', 'float32', [1, 1, 'T', 'T']);
	const angle = (name: string): Value => g.input(name, 'float32', ['T', 1, spec.headSize / 2]);
	const angles = spec.rope[layer] ? { cos: angle('cos'), sin: angle('sin') } : undefined;
	const inputs = (shapes: ReadonlyMap<string, readonly number[]>): Map<string, Value> =>
		new Map(
			[...withinLayer(shapes, layer)].map(([name, shape]) => [
				name,
				g.input(name, 'float32', shape),
			]),
		);
	const weights = inputs(weightShapes(spec));
	const factors = inputs(loraShapes(spec, lora));

	const linears = new Set<Value>();
	const plain = symbolicOperators(g, { ids, mask, angles });
	const ops: Operators<Value> = {
		...plain,
		linear: (input, weight, extra) => {
			const result = plain.linear(input, weight, extra);
			linears.add(result);
			return result;
		},
	};
	const prefix = layerPrefix(layer);
	const source = {
		weight: (name: string): Value => {
			const value = weights.get(name.slice(prefix.length));
			if (!value) throw new Error(`the model has no weight ${name}`);
			return value;
		},
		lora: (module: string) => {
			const within = module.slice(prefix.length);
			const [a, b] = [
				factors.get(`${within}.lora_A.weight`),
				factors.get(`${within}.lora_B.weight`),
			];
			return a && b ? { a, b, scale: scaleOf(lora) } : undefined;
		},
	};
	return { g, x, y: block(spec, layer, x, source, ops), linears, factors };
}

/** All graphs of blocks like `layer` (with or without positions), with a LoRA beside its linear modules. */
export function blockGraphs(spec: ModelSpec, layer: number, lora: Lora): BlockGraphs {
	const { g, x, y, linears, factors } = build(spec, layer, lora);
	const costly = new Set(
		g.nodes.filter((n) => expensive.has(n.operator)).flatMap((n) => n.outputs),
	);
	const made = g.tape.map((entry) => entry.output);
	const forwardOutput = g.output(y, 'y');

	const dy = g.input('dy', 'float32', ['N', spec.hiddenSize]);
	const names = ['dx', ...[...factors.keys()].map((name) => `gradient/${name}`)];
	const results = gradients(g, new Map([[y, dy]]), [x, ...factors.values()]).map((value, i) =>
		g.output(value, names[i] ?? ''),
	);

	const stops = [
		...made.filter((v) => linears.has(v) || costly.has(v.name)),
		// A shape used only by the backward pass must not pull in the value that it belongs to.
		...shapesOf(g),
	];
	const backward = cut(g, 'block backward', results, stops);
	const needed = new Set(backward.inputs);
	const kept = stops.filter((v) => needed.has(v));
	return {
		forward: toCut(cut(g, 'block forward', [forwardOutput])),
		forwardKeeping: toCut(cut(g, 'block forward, keeping', [forwardOutput, ...kept])),
		backward: toCut(backward),
		backwardRecomputing: toCut(cut(g, 'block forward and backward', results)),
		kept: kept.map((v) => v.name),
	};
}

/** Shape nodes of computed (not fed) values. */
function shapesOf(g: Graph): readonly Value[] {
	const ranks = new Map(
		g.tape.flatMap(({ output, inputs }) =>
			[output, ...inputs].map((v) => [v.name, v.shape.length] as const),
		),
	);
	const fed = new Set(g.inputs.map((v) => v.name));
	return g.nodes.flatMap(({ operator, inputs: [of = ''], outputs: [name = ''], attributes }) => {
		const rank = ranks.get(of);
		if (operator !== 'Shape' || fed.has(of) || rank === undefined) return [];
		if (Object.keys(attributes).length > 0) return [];
		return [{ name, type: 'int64' as const, shape: [rank] }];
	});
}
