/**
 * @file Frozen weights in the kernel's memory for training: blocks of 4 or 8 bits, F16, BF16 and F32 as stored, with the
 * LoRA beside them.
 */
import {
	blockColumns,
	filled,
	hasHalfBlocks,
	isHeldExactly,
	packHalfBlocks,
	packMatrix,
	tileRows,
} from '#kernel/matrices.ts';
import { block4, block8 } from '#kernel/assembly/layout/blocks.ts';
import * as Learn from '#kernel/assembly/layout/learn.ts';
import type { Heap } from '#kernel/heap.ts';
import type { Kernel } from '#kernel/kernel.ts';
import type { LoraTarget } from '#model/adapter.ts';
import type { LinearModule, NormName } from '#model/families.ts';
import { layerPrefix } from '#model/graphs/block-graphs.ts';
import { weightShapes } from '#model/spec.ts';
import { type ModelSpec } from '#model/model-spec.ts';
import { headName } from '#model/transformer.ts';
import type { WeightStore } from '#model/weight-store.ts';
import { frozenTensor } from '../layered/frozen-weights.ts';
import type { Lora } from '../layered/layer-backend.ts';

/** Allocations of the kernel's memory that are freed together. */
export interface Holding {
	take(bytes: number): number;
	/** Takes ownership of an allocation. */
	own(address: number, bytes: number): void;
	release(): void;
}

export function holding(heap: Heap): Holding {
	const pieces: [address: number, bytes: number][] = [];
	return {
		take: (bytes) => {
			const address = heap.allocate(bytes);
			pieces.push([address, bytes]);
			return address;
		},
		own: (address, bytes) => {
			pieces.push([address, bytes]);
		},
		release: () => {
			for (const [address, bytes] of pieces.splice(0)) heap.free(address, bytes);
		},
	};
}

/** Strides are multiples of 8 numbers. */
export const whole = (n: number): number => filled(n, 8);

/** Offset of each linear module in a layer's table. */
const linearPlaces: Readonly<Record<LinearModule, readonly [place: number, target: LoraTarget]>> = {
	'self_attn.q_proj': [Learn.layerQ, 'q_proj'],
	'self_attn.k_proj': [Learn.layerK, 'k_proj'],
	'self_attn.v_proj': [Learn.layerV, 'v_proj'],
	'self_attn.o_proj': [Learn.layerO, 'o_proj'],
	'mlp.gate_proj': [Learn.layerGate, 'gate_proj'],
	'mlp.up_proj': [Learn.layerUp, 'up_proj'],
	'mlp.down_proj': [Learn.layerDown, 'down_proj'],
};

const normPlaces: Readonly<Record<NormName, number>> = {
	input_layernorm: Learn.layerInputNorm,
	post_attention_layernorm: Learn.layerPostNorm,
	'self_attn.q_norm': Learn.layerQueryNorm,
	'self_attn.k_norm': Learn.layerKeyNorm,
};

/** A trained linear module: its factors [columns, rank] and [rows, rank], and their gradients, padded to multiples of 8. */
export interface LearningModule {
	/** `model.layers.0.mlp.up_proj` */
	readonly name: string;
	readonly layer: number;
	readonly rows: number;
	readonly columns: number;
	readonly into: number;
	readonly out: number;
	readonly gradientInto: number;
	readonly gradientOut: number;
}

export interface LearningModel {
	/** Address of the layers' tables, which are consecutive. */
	readonly layers: number;
	readonly finalNorm: number;
	/** Addresses of the tables of these matrices. */
	readonly embedding: number;
	readonly head: number;
	readonly modules: readonly LearningModule[];
	/** Rank of the LoRA, padded to a multiple of 8. */
	readonly rank: number;
	/** Addresses of the tables of the seven linear modules of a layer. */
	linears(layer: number): readonly number[];
}

/** Reads all weights. Layers from `first` on have trained factors; factors below it only take part in the forward pass. */
export async function loadLearningModel(
	kernel: Kernel,
	spec: ModelSpec,
	store: WeightStore,
	lora: Lora,
	held: Holding,
	signal?: AbortSignal,
): Promise<LearningModel> {
	const { heap } = kernel;
	const shapes = weightShapes(spec);
	const rank = whole(lora.rank);
	const put = (at: number, value: number): void => {
		new Uint32Array(heap.memory.buffer)[at / 4] = value;
	};
	const vector = async (name: string): Promise<number> => {
		const values = await frozenTensor(spec, store, name, signal);
		const at = held.take(4 * whole(values.length));
		new Float32Array(heap.memory.buffer, at).set(values);
		return at;
	};
	const linear = async (at: number, name: string): Promise<readonly [number, number]> => {
		const [rows = 1, columns = 1] = shapes.get(name) ?? [];
		const { kind, data } = await holdMatrix(kernel, spec, store, name, held, signal);
		put(at + Learn.linearKind, kind);
		put(at + Learn.linearData, data);
		put(at + Learn.linearRows, rows);
		put(at + Learn.linearColumns, columns);
		return [rows, columns];
	};
	const layers = held.take(spec.layers * Learn.layerBytes);
	const modules: LearningModule[] = [];
	for (let layer = 0; layer < spec.layers; layer++) {
		const at = layers + layer * Learn.layerBytes;
		const prefix = layerPrefix(layer);
		for (const [within, [place, target]] of Object.entries(linearPlaces)) {
			signal?.throwIfAborted();
			const name = prefix + within;
			const [rows, columns] = await linear(at + place, `${name}.weight`);
			if (shapes.has(`${name}.bias`))
				put(at + place + Learn.linearBias, await vector(`${name}.bias`));
			if (!lora.targets.includes(target)) continue;
			const table = (count: number): number => held.take(4 * rank * (whole(count) + 4));
			const [into, out] = [table(columns), table(rows)];
			const [gradientInto, gradientOut] = [table(columns), table(rows)];
			put(at + place + Learn.linearRank, rank);
			put(at + place + Learn.linearIn, into);
			put(at + place + Learn.linearOut, out);
			put(at + place + Learn.linearGradientIn, gradientInto);
			put(at + place + Learn.linearGradientOut, gradientOut);
			modules.push({ name, layer, rows, columns, into, out, gradientInto, gradientOut });
		}
		for (const [within, place] of Object.entries(normPlaces)) {
			const name = `${prefix}${within}.weight`;
			if (shapes.has(name)) put(at + place, await vector(name));
		}
		put(at + Learn.layerRope, spec.rope[layer] ? 1 : 0);
	}
	const embedding = held.take(Learn.linearBytes);
	await linear(embedding, 'model.embed_tokens.weight');
	const head = spec.tiedEmbeddings ? embedding : held.take(Learn.linearBytes);
	if (head !== embedding) await linear(head, headName(spec));
	return {
		layers,
		finalNorm: await vector('model.norm.weight'),
		embedding,
		head,
		modules,
		rank,
		linears: (layer) =>
			Object.values(linearPlaces).map(([place]) => layers + layer * Learn.layerBytes + place),
	};
}

/** Packs one matrix in its most accurate format. */
async function holdMatrix(
	kernel: Kernel,
	spec: ModelSpec,
	store: WeightStore,
	name: string,
	held: Holding,
	signal?: AbortSignal,
): Promise<{ readonly kind: number; readonly data: number }> {
	const stored = store.stored.get(name);
	const shape = weightShapes(spec).get(name) ?? [];
	if (stored && (stored.shape.length !== 2 || shape.some((n, i) => n !== stored.shape[i])))
		throw new RangeError(
			`${name} is [${stored.shape.join(', ')}], not [${shape.join(', ')}]; use a checkpoint that matches its config.`,
		);
	if (stored && (isHeldExactly(stored) || hasHalfBlocks(stored))) {
		const [rows = 1, columns = 1] = stored.shape;
		const pack = isHeldExactly(stored) ? packMatrix : packHalfBlocks;
		const { bits, data } = pack(kernel, stored, await store.raw(name, signal));
		const blocks = (filled(rows, tileRows) / tileRows) * (columns / blockColumns);
		held.own(data, blocks * (bits === 4 ? block4 : block8));
		return { kind: isHeldExactly(stored) ? bits : Learn.kindHalves, data };
	}
	const copied = (kind: number, bytes: Uint8Array): { kind: number; data: number } => {
		const data = held.take(bytes.byteLength);
		new Uint8Array(kernel.heap.memory.buffer, data).set(bytes);
		return { kind, data };
	};
	switch (stored?.form) {
		case 'F16':
			return copied(Learn.kindF16, await store.raw(name, signal));
		case 'BF16':
			return copied(Learn.kindBF16, await store.raw(name, signal));
		default:
			return copied(Learn.kindF32, bytesOf(await frozenTensor(spec, store, name, signal)));
	}
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array =>
	new Uint8Array(buffer, byteOffset, byteLength);

/** Writes the factors of a LoRA from layer `first` on, B times `by`; missing factors are 0. */
export function writeFactors(
	heap: Heap,
	{ modules, rank }: LearningModel,
	lora: Lora,
	tensors: ReadonlyMap<string, { readonly data: Float32Array }>,
	first: number,
): void {
	const all = new Float32Array(heap.memory.buffer);
	const by = lora.alpha / lora.rank;
	for (const { name, layer, rows, columns, into, out } of modules) {
		if (layer < first) continue;
		const a = tensors.get(`${name}.lora_A.weight`)?.data;
		const b = tensors.get(`${name}.lora_B.weight`)?.data;
		for (let r = 0; r < lora.rank; r++) {
			for (let c = 0; c < columns; c++) all[into / 4 + c * rank + r] = a?.[r * columns + c] ?? 0;
			for (let n = 0; n < rows; n++)
				all[out / 4 + n * rank + r] = (b?.[n * lora.rank + r] ?? 0) * by;
		}
	}
}

/** Zeroes the gradients of the factors of layers from `first` on. */
export function clearGradients(heap: Heap, { modules, rank }: LearningModel, first: number): void {
	const all = new Float32Array(heap.memory.buffer);
	for (const { layer, rows, columns, gradientInto, gradientOut } of modules) {
		if (layer < first) continue;
		all.fill(0, gradientInto / 4, gradientInto / 4 + columns * rank);
		all.fill(0, gradientOut / 4, gradientOut / 4 + rows * rank);
	}
}

/** The gradients of the factors of layers from `first` on, by name. */
export function readGradients(
	heap: Heap,
	{ modules, rank }: LearningModel,
	lora: Lora,
	first: number,
): Map<string, Float32Array> {
	const all = new Float32Array(heap.memory.buffer);
	const by = lora.alpha / lora.rank;
	const gradients = new Map<string, Float32Array>();
	for (const { name, layer, rows, columns, gradientInto, gradientOut } of modules) {
		if (layer < first) continue;
		const a = new Float32Array(lora.rank * columns);
		const b = new Float32Array(rows * lora.rank);
		for (let r = 0; r < lora.rank; r++) {
			for (let c = 0; c < columns; c++)
				a[r * columns + c] = all[gradientInto / 4 + c * rank + r] ?? 0;
			for (let n = 0; n < rows; n++)
				b[n * lora.rank + r] = (all[gradientOut / 4 + n * rank + r] ?? 0) * by;
		}
		gradients.set(`${name}.lora_A.weight`, a);
		gradients.set(`${name}.lora_B.weight`, b);
	}
	return gradients;
}
