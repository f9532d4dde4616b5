/**
 * @file Packing of a model's weights for inference on ONNX Runtime: F32, or quantised by block.
 *
 * The plan is made from the stored types, before anything is read; then each weight is read, packed and yielded alone.
 */
import { dequantize } from '../checkpoint/gguf/dequantize.ts';
import { weightShapes } from '../spec.ts';
import { type ModelSpec } from '../model-spec.ts';
import { headName } from '../transformer.ts';
import type { StoredWeight, WeightStore } from '../weight-store.ts';
import { blockKind, readBlocks, type BlockKind, type Blocks } from './blocks.ts';

/** Weight formats on ONNX Runtime. */
export type PackedFormat = 'f32' | 'nbits';

/** Storage of a weight; a tied table is stored in two ways. */
export type Part =
	/** F32 [out, in]. */
	| { readonly kind: 'floats' }
	/** For MatMulNBits: quantised by block of a row. */
	| ({ readonly kind: 'blocks' } & BlockKind)
	/** Rows for lookup, quantised by block. */
	| ({ readonly kind: 'rows' } & BlockKind);

export interface PackedWeight extends StoredWeight {
	readonly name: string;
	readonly parts: readonly Part[];
}
export type PackedPlan = ReadonlyMap<string, PackedWeight>;

/** A tensor of a part, as its operator takes it. */
export interface PartTensor {
	readonly name: string;
	readonly type: 'float32' | 'uint8';
	readonly shape: readonly number[];
}

/** Storage plan of each weight. Norms and biases, and rows that are not whole blocks, stay F32. */
export function planWeights(
	spec: ModelSpec,
	stored: WeightStore['stored'],
	form: PackedFormat,
): PackedPlan {
	const plan = new Map<string, PackedWeight>();
	const table = 'model.embed_tokens.weight';
	for (const [name, shape] of weightShapes(spec)) {
		const found = stored.get(name)?.form;
		if (found === undefined)
			throw new RangeError(`The checkpoint has no weight "${name}"; open a complete one.`);
		const kind = blockKind(found, shape.at(-1) ?? 1);
		const parts: Part[] = [];
		if (form === 'f32' || shape.length !== 2 || !kind) parts.push({ kind: 'floats' });
		else {
			if (name === table) parts.push({ kind: 'rows', ...kind });
			if (name !== table || headName(spec) === table) parts.push({ kind: 'blocks', ...kind });
		}
		plan.set(name, { name, shape, form: found, parts });
	}
	return plan;
}

/** The tensors of one part, in the order of `packWeights`. */
export function tensorsOf({ name, shape }: PackedWeight, part: Part): readonly PartTensor[] {
	const [out = 1, into = 1] = shape;
	switch (part.kind) {
		case 'floats':
			return [{ name, type: 'float32', shape }];
		case 'blocks': {
			const { bits, size, offsets } = part;
			const count = into / size;
			return [
				{ name: `${name}/quants`, type: 'uint8', shape: [out, count, (size * bits) / 8] },
				{ name: `${name}/scales`, type: 'float32', shape: [out, count] },
				...(offsets
					? [{ name: `${name}/offsets`, type: 'float32', shape: [count, out] } as const]
					: []),
			];
		}
		case 'rows': {
			const count = into / part.size;
			return [
				{ name: `${name}/row-quants`, type: 'uint8', shape: [out, into] },
				{ name: `${name}/row-scales`, type: 'float32', shape: [out, count] },
				...(part.offsets
					? [{ name: `${name}/row-offsets`, type: 'float32', shape: [out, count] } as const]
					: []),
			];
		}
		default:
			return part satisfies never;
	}
}

/** Reads the weights one by one; each tensor has a buffer of its own, which the consumer may transfer. */
export async function* packWeights(
	plan: PackedPlan,
	store: WeightStore,
	signal?: AbortSignal,
): AsyncGenerator<{ readonly name: string; readonly data: Uint8Array }, void> {
	for (const weight of plan.values()) {
		const raw = await store.raw(weight.name, signal);
		let blocks: Blocks | undefined;
		for (const [i, part] of weight.parts.entries()) {
			signal?.throwIfAborted();
			if (part.kind === 'blocks' || part.kind === 'rows') blocks ??= readBlocks(weight.form, raw);
			const data = bytesOfPart(weight, part, raw, blocks, i === weight.parts.length - 1);
			for (const [t, { name }] of tensorsOf(weight, part).entries()) {
				const bytes = data[t];
				if (bytes) yield { name, data: bytes };
			}
		}
	}
}

function bytesOfPart(
	weight: PackedWeight,
	part: Part,
	raw: Uint8Array,
	blocks: Blocks | undefined,
	isLast: boolean,
): readonly Uint8Array[] {
	const { shape, form } = weight;
	const [out = 1] = shape;
	if (part.kind === 'floats') return [ownBytes(dequantize(form, raw))];
	if (!blocks) throw new Error('blocks are read before they are packed');
	const { quants, scales, offsets } = blocks;
	// Buffers that a later part needs are copied.
	const keep = (x: Uint8Array | Float32Array): Uint8Array => ownBytes(isLast ? x : x.slice());
	const isTable = part.kind === 'rows';
	return [
		part.bits === 4 && !isTable ? inPairs(quants) : keep(quants),
		keep(scales),
		...(offsets ? [isTable ? keep(offsets) : ownBytes(transposed(offsets, out))] : []),
	];
}

const ownBytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
	new Uint8Array(buffer, byteOffset, byteLength);

/** Two 4-bit numbers per byte, the first one low. */
function inPairs(quants: Uint8Array): Uint8Array {
	const pairs = new Uint8Array(quants.length / 2);
	for (let i = 0; i < pairs.length; i++)
		pairs[i] = (quants[2 * i] ?? 0) | ((quants[2 * i + 1] ?? 0) << 4);
	return pairs;
}

/** [rows, columns] → [columns, rows]. */
function transposed(values: Float32Array, rows: number): Float32Array {
	const columns = values.length / rows;
	const turned = new Float32Array(values.length);
	for (let r = 0; r < rows; r++)
		for (let c = 0; c < columns; c++) turned[c * rows + r] = values[r * columns + c] ?? 0;
	return turned;
}
