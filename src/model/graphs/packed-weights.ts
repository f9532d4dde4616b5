/** @file Packed weights as constants of a graph, with their operators; a LoRA stays an input beside them. */
import type { Graph } from '#graph/graph.ts';
import type { Shape, Value } from '#graph/value.ts';
import type { LoraTarget } from '../adapter.ts';
import { tensorsOf, type PackedPlan, type PackedWeight, type Part } from '../packing/packing.ts';
import { loraShapes } from '../spec.ts';
import { type ModelSpec } from '../model-spec.ts';
import type { WeightSource } from '../transformer.ts';
import { floatProducts, type Products } from './products.ts';

const float = (shape: Shape) => ({ type: 'float32', shape }) as const;

/**
 * Declares the constants, and with `targets` the inputs of a LoRA of any rank: `<module>.lora_A.weight` [rank, in] and
 * `<module>.lora_B.weight` [out, rank], alpha / rank folded in.
 */
export function packedWeights(
	g: Graph,
	spec: ModelSpec,
	plan: PackedPlan,
	targets: readonly LoraTarget[],
	accuracy: number,
): WeightSource<Value> & Products {
	const handles = new Map<string, Value>();
	const held = new Map<Value, ReadonlyMap<Part['kind'], Held>>();
	for (const weight of plan.values()) {
		const parts = weight.parts.map((part) => {
			const tensors = tensorsOf(weight, part).map(({ name, type, shape }) =>
				g.external(name, type, shape),
			);
			return { weight, part, tensors };
		});
		const first = parts[0]?.tensors[0];
		if (!first) throw new Error(`${weight.name} is held in no form`);
		handles.set(weight.name, first);
		held.set(first, new Map(parts.map((one) => [one.part.kind, one])));
	}
	const factors = new Map<string, Value>();
	for (const [name, shape] of loraShapes(spec, { rank: 1, targets })) {
		const [rows, columns] = shape;
		const isA = name.endsWith('.lora_A.weight');
		factors.set(name, g.input(name, 'float32', isA ? ['rank', columns ?? 1] : [rows ?? 1, 'rank']));
	}
	const partOf = (handle: Value, ...kinds: readonly Part['kind'][]): Held => {
		const parts = held.get(handle);
		const found = kinds.map((kind) => parts?.get(kind)).find((one) => one !== undefined);
		if (!found) throw new Error(`${handle.name} is not held as ${kinds.join(' or ')}`);
		return found;
	};
	return {
		weight: (name) => {
			const handle = handles.get(name);
			if (!handle) throw new Error(`the model has no weight ${name}`);
			return handle;
		},
		lora: (module) => {
			const a = factors.get(`${module}.lora_A.weight`);
			const b = factors.get(`${module}.lora_B.weight`);
			return a && b ? { a, b, scale: 1 } : undefined;
		},
		product: (graph, x, handle) => {
			const { weight, part, tensors } = partOf(handle, 'blocks', 'floats');
			const [first, scales, offsets] = tensors;
			if (part.kind !== 'blocks' || !first || !scales)
				return floatProducts.product(graph, x, first ?? handle);
			return byBlock(graph, x, weight, { ...part, quants: first, scales, offsets, accuracy });
		},
		rows: (graph, handle, ids) => {
			const { part, tensors } = partOf(handle, 'rows', 'floats');
			if (part.kind !== 'rows') return floatProducts.rows(graph, handle, ids);
			return lookUp(graph, ids, part.size, part.bits, tensors);
		},
		norm: (graph, x, weight, epsilon) =>
			graph.node('SimplifiedLayerNormalization', [x, weight], [float(x.shape)], {
				axis: -1,
				epsilon: { float: epsilon },
			})[0],
		gate: (graph, gate, up) => {
			const [silu] = graph.node(
				'QuickGelu',
				[gate],
				[float(gate.shape)],
				{ alpha: { float: 1 } },
				'com.microsoft',
			);
			return graph.node('Mul', [silu, up], [float(gate.shape)])[0];
		},
	};
}

interface Held {
	readonly weight: PackedWeight;
	readonly part: Part;
	readonly tensors: readonly Value[];
}

/** MatMulNBits of the quants, then the offsets: each times the sum of its block of x. */
function byBlock(
	g: Graph,
	x: Value,
	{ shape: [out = 1, into = 1] }: PackedWeight,
	b: {
		readonly bits: number;
		readonly size: number;
		readonly quants: Value;
		readonly scales: Value;
		readonly offsets: Value | undefined;
		readonly accuracy: number;
	},
): Value {
	const shape = [x.shape[0] ?? 'N', out];
	const [y] = g.node(
		'MatMulNBits',
		[x, b.quants, b.scales],
		[float(shape)],
		{ K: into, N: out, bits: b.bits, block_size: b.size, accuracy_level: b.accuracy },
		'com.microsoft',
	);
	if (!b.offsets) return y;
	const sums = g.once(`sums of ${x.name} by ${b.size}`, () => {
		const wide = [x.shape[0] ?? 'N', into / b.size, b.size];
		const [split] = g.node('Reshape', [x, g.int64([-1, into / b.size, b.size])], [float(wide)]);
		return g.node('ReduceSum', [split, g.int64([2])], [float(wide.slice(0, 2))], {
			keepdims: 0,
		})[0];
	});
	return g.node('Gemm', [sums, b.offsets, y], [float(shape)], {
		alpha: { float: 1 },
		beta: { float: 1 },
	})[0];
}

/** Rows of quants, dequantised. */
function lookUp(
	g: Graph,
	ids: Value,
	size: number,
	bits: number,
	[quants, scales, offsets]: readonly Value[],
): Value {
	if (!quants || !scales) throw new Error('a table has quants and scales');
	const [n, width] = [ids.shape[0] ?? 'N', Number(quants.shape[1])];
	const blocks = [n, width / size, size];
	const pick = (table: Value): Value =>
		g.node('Gather', [table, ids], [{ type: table.type, shape: [n, table.shape[1] ?? 1] }], {
			axis: 0,
		})[0];
	const perBlock = (table: Value): Value =>
		g.node('Unsqueeze', [pick(table), g.int64([2])], [float([n, width / size, 1])])[0];
	const [wide] = g.node('Cast', [pick(quants)], [float([n, width])], { to: 1 });
	const [split] = g.node('Reshape', [wide, g.int64([-1, width / size, size])], [float(blocks)]);
	const [centred] = g.node('Sub', [split, g.float(2 ** (bits - 1))], [float(blocks)]);
	let [y] = g.node('Mul', [centred, perBlock(scales)], [float(blocks)]);
	if (offsets) [y] = g.node('Add', [y, perBlock(offsets)], [float(blocks)]);
	return g.node('Reshape', [y, g.int64([-1, width])], [float([n, width])])[0];
}
