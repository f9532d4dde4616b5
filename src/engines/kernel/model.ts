/** @file A model in the kernel's memory: packed weights, tables, and activations of one run. */
import type { LinearModule, NormName } from '#model/families.ts';
import { weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { headName } from '#model/transformer.ts';
import type { WeightStore } from '#model/weight-store.ts';
import * as Layer from '#kernel/assembly/layout/layer.ts';
import * as Matrix from '#kernel/assembly/layout/matrix.ts';
import * as Model from '#kernel/assembly/layout/model.ts';
import type { Kernel } from '#kernel/kernel.ts';
import { listNumbers, pageTokens } from '#kernel/assembly/layout/blocks.ts';
import { BackendError } from '#base/backend-error.ts';
import {
	blockColumns,
	filled,
	packMatrix,
	tileRows,
	writeMatrix,
	type KernelMatrix,
} from '#kernel/matrices.ts';

/** Tokens of one run: enough to amortise dequantisation, few enough that an abort takes effect at once. */
export const mostTokens = 64;
/** Tokens whose logits are computed at a time. */
export const mostLogits = 16;

/** Offsets of the linear modules in a layer's table. */
export const modulePlaces = {
	'self_attn.q_proj': Layer.q,
	'self_attn.k_proj': Layer.k,
	'self_attn.v_proj': Layer.v,
	'self_attn.o_proj': Layer.o,
	'mlp.gate_proj': Layer.gate,
	'mlp.up_proj': Layer.up,
	'mlp.down_proj': Layer.down,
} as const satisfies Readonly<Record<LinearModule, number>>;

const vectorPlaces = {
	'input_layernorm.weight': Layer.inputNorm,
	'post_attention_layernorm.weight': Layer.postNorm,
	'self_attn.q_norm.weight': Layer.queryNorm,
	'self_attn.k_norm.weight': Layer.keyNorm,
} as const satisfies Readonly<Record<`${NormName}.weight`, number>>;

export interface KernelModel {
	/** Address of its table. */
	readonly at: number;
	/** Address of the table of a linear module, `model.layers.0.mlp.up_proj`. */
	moduleAt(name: string): number | undefined;
	/** Address of the logits [mostLogits, vocabularyStride]. */
	readonly logits: number;
	readonly vocabularyStride: number;
}

/** Does the kernel support a model of these sizes? */
export const suits = (spec: ModelSpec): boolean =>
	spec.headSize % 4 === 0 && spec.hiddenSize % 4 === 0;

/** Reads and packs the weights one by one. */
export async function loadModel(
	kernel: Kernel,
	spec: ModelSpec,
	store: WeightStore,
	signal?: AbortSignal,
): Promise<KernelModel> {
	if (!suits(spec))
		throw new BackendError(
			'bad-model',
			`The kernel runs heads and hidden states of a multiple of 4 numbers, not of ${spec.headSize} and ${spec.hiddenSize}; open the model with the form f32.`,
		);
	const { heap } = kernel;
	const matrices = new Map<string, KernelMatrix>();
	const vectors = new Map<string, number>();
	for (const [name, shape] of weightShapes(spec)) {
		signal?.throwIfAborted();
		const stored = store.stored.get(name);
		if (stored?.shape.join() !== shape.join())
			throw new RangeError(
				`The checkpoint has no weight "${name}" of ${shape.join(' × ')} numbers; open a complete one.`,
			);
		if (shape.length === 2)
			matrices.set(name, packMatrix(kernel, stored, await store.raw(name, signal)));
		else {
			const values = await store.floats(name, signal);
			const at = heap.allocate(4 * filled(values.length, tileRows));
			new Float32Array(heap.memory.buffer, at).set(values);
			vectors.set(name, at);
		}
	}
	const layers = heap.allocate(spec.layers * Layer.bytes);
	const table = heap.allocate(Model.bytes);
	const ends = heap.allocate(2 * Matrix.bytes);
	const sizes = sizesOf(spec);
	const room = makeRoom(kernel, spec);
	const view = new DataView(heap.memory.buffer);
	const put = (at: number, value: number): void => {
		view.setUint32(at, value, true);
	};
	const modules = new Map<string, number>();
	for (let i = 0; i < spec.layers; i++) {
		const at = layers + i * Layer.bytes;
		const prefix = `model.layers.${i}.`;
		for (const [name, place] of Object.entries(modulePlaces)) {
			const matrix = matrices.get(`${prefix}${name}.weight`);
			if (!matrix) continue;
			writeMatrix(view, at + place, matrix);
			put(at + place + Matrix.bias, vectors.get(`${prefix}${name}.bias`) ?? 0);
			modules.set(prefix + name, at + place);
		}
		for (const [name, place] of Object.entries(vectorPlaces))
			put(at + place, vectors.get(prefix + name) ?? 0);
		put(at + Layer.rope, spec.rope[i] ? 1 : 0);
	}
	const [embedding, head] = [ends, ends + Matrix.bytes];
	for (const [at, name] of [
		[embedding, 'model.embed_tokens.weight'],
		[head, headName(spec)],
	] as const) {
		const matrix = matrices.get(name);
		if (matrix) writeMatrix(view, at, matrix);
	}
	const entries: Readonly<Record<number, number>> = {
		[Model.layers]: spec.layers,
		[Model.heads]: spec.heads,
		[Model.keyValueHeads]: spec.keyValueHeads,
		[Model.headSize]: spec.headSize,
		[Model.hidden]: spec.hiddenSize,
		[Model.layerTable]: layers,
		[Model.finalNorm]: vectors.get('model.norm.weight') ?? 0,
		[Model.embedding]: embedding,
		[Model.head]: head,
		...sizes,
		...room,
	};
	for (const [place, value] of Object.entries(entries)) put(table + Number(place), value);
	view.setFloat32(table + Model.epsilon, spec.normEpsilon, true);
	return {
		at: table,
		moduleAt: (name) => modules.get(name),
		logits: room[Model.logits],
		vocabularyStride: sizes[Model.vocabularyStride],
	};
}

/** Row sizes of a token's activations. */
function sizesOf(spec: ModelSpec) {
	const { heads, keyValueHeads, headSize } = spec;
	return {
		[Model.hiddenStride]: filled(spec.hiddenSize, blockColumns),
		[Model.headsStride]: filled(heads * headSize, blockColumns),
		[Model.keysStride]: filled(keyValueHeads * headSize, tileRows),
		[Model.innerStride]: filled(spec.intermediateSize, blockColumns),
		[Model.vocabularyStride]: filled(spec.vocabularySize, tileRows),
		[Model.scoresStride]: filled(spec.contextLength + 4, 16),
	} as const;
}

function makeRoom({ heap, threads }: Kernel, spec: ModelSpec) {
	const sizes = sizesOf(spec);
	const rows = (stride: number): number => heap.allocate(4 * mostTokens * stride);
	// All heads of as many tokens as the threads share part by part.
	const scoreRows = (2 * threads * spec.heads) / spec.keyValueHeads;
	const widest = Math.max(
		sizes[Model.hiddenStride],
		sizes[Model.headsStride],
		sizes[Model.innerStride],
	);
	return {
		[Model.x]: rows(sizes[Model.hiddenStride]),
		[Model.normed]: rows(sizes[Model.hiddenStride]),
		[Model.queries]: rows(sizes[Model.headsStride]),
		[Model.keys]: rows(sizes[Model.keysStride]),
		[Model.values]: rows(sizes[Model.keysStride]),
		[Model.inner]: rows(sizes[Model.innerStride]),
		[Model.quants]: rows(widest / 4),
		[Model.scales]: rows(widest / blockColumns),
		[Model.sums]: rows(widest / blockColumns),
		[Model.scores]: heap.allocate(4 * scoreRows * sizes[Model.scoresStride]),
		[Model.unpacked]: heap.allocate(4 * threads * (pageTokens * spec.headSize + listNumbers)),
		[Model.logits]: heap.allocate(4 * mostLogits * sizes[Model.vocabularyStride]),
	} as const;
}
