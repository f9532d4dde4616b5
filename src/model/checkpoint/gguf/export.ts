/** @file Export of a model, merged with its adapter, or of a LoRA alone, as a GGUF file for llama.cpp. */
import type { Adapter } from '../../adapter.ts';
import { weightShapes } from '../../spec.ts';
import { type ModelSpec } from '../../model-spec.ts';
import { headName } from '../../transformer.ts';
import type { WeightStore } from '../../weight-store.ts';
import { CheckpointError } from '../checkpoint-error.ts';
import { mergedFloats } from '../merge.ts';
import { bytesOf, layouts } from './tensor-types.ts';
import type { GgufHeader } from './header.ts';
import { ggufArchitecture, ggufName, isInterleaved, reorderRows } from './names.ts';
import { quantize, type WrittenForm } from './quantize.ts';
import { ropeFactors } from './rope-factors.ts';
import { ropeFactorTensor } from './weights.ts';
import { writeGguf, type GgufEntry, type GgufOutput } from './write.ts';

/** Metadata with the type of each value. */
export type GgufEntries = ReadonlyMap<string, GgufEntry>;

/** Options of `ggufModel`. */
export interface GgufModelOptions {
	/** Type of the matrices; norms and biases stay F32. With Q4_0 the embedding table and the head are Q8_0. */
	readonly form: 'F16' | 'Q8_0' | 'Q4_0';
	/** `tokenizer.*`: `tokenizerEntries` of the source GGUF, or converted from tokenizer.json. */
	readonly tokenizer: GgufEntries;
	readonly adapter?: Adapter;
	readonly name?: string;
	readonly licence?: string;
	readonly signal?: AbortSignal;
}

const text = (value: string): GgufEntry => ({ type: 'text', value });
const u32 = (value: number): GgufEntry => ({ type: 'u32', value });
const f32 = (value: number): GgufEntry => ({ type: 'f32', value });

/** The version of the block layouts that ggml writes today. */
const quantizationVersion = u32(2);

/** llama.cpp's numbers for "mostly F16", "mostly Q8_0" and "mostly Q4_0". */
const fileTypes = { F16: 1, Q8_0: 7, Q4_0: 2 } as const;

/** Yields pieces, with one weight in memory at a time. */
export function ggufModel(
	spec: ModelSpec,
	weights: WeightStore,
	options: GgufModelOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
	const arch = archOf(spec);
	const tensors = [...weightShapes(spec)].map(([name, shape]) =>
		outputOf(spec, weights, name, shape, options),
	);
	if (spec.ropeScaling?.kind === 'llama3') {
		const factors = ropeFactors(spec);
		tensors.push({
			name: ropeFactorTensor,
			shape: [factors.length],
			form: 'F32',
			bytes: async () => quantize('F32', factors),
		});
	}
	const metadata = new Map<string, GgufEntry>([
		['general.architecture', text(arch)],
		['general.type', text('model')],
		...(options.name === undefined ? [] : [['general.name', text(options.name)] as const]),
		...(options.licence === undefined ? [] : [['general.license', text(options.licence)] as const]),
		...settings(spec, arch),
		['general.file_type', u32(fileTypes[options.form])],
		['general.quantization_version', quantizationVersion],
		...options.tokenizer,
	]);
	return writeGguf(metadata, tensors, options.signal);
}

function archOf(spec: ModelSpec): string {
	const arch = ggufArchitecture(spec.architecture);
	if (arch === undefined)
		throw new CheckpointError(`GGUF has no name for ${spec.architecture}; export to safetensors.`);
	const everyFourth = spec.rope.every((rotates, i) => rotates === (i + 1) % 4 > 0);
	if (arch === 'smollm3' && !everyFourth)
		throw new CheckpointError(
			'llama.cpp rotates in SmolLM3 all but every fourth layer, and this model does otherwise; export to safetensors.',
		);
	return arch;
}

function settings(spec: ModelSpec, arch: string): readonly (readonly [string, GgufEntry])[] {
	const scaling = spec.ropeScaling;
	const entries: Readonly<Record<string, GgufEntry>> = {
		block_count: u32(spec.layers),
		context_length: u32(spec.contextLength),
		embedding_length: u32(spec.hiddenSize),
		feed_forward_length: u32(spec.intermediateSize),
		'attention.head_count': u32(spec.heads),
		'attention.head_count_kv': u32(spec.keyValueHeads),
		'attention.key_length': u32(spec.headSize),
		'attention.value_length': u32(spec.headSize),
		'attention.layer_norm_rms_epsilon': f32(spec.normEpsilon),
		'rope.dimension_count': u32(spec.headSize),
		'rope.freq_base': f32(spec.ropeTheta),
		...(scaling?.kind === 'linear'
			? { 'rope.scaling.type': text('linear'), 'rope.scaling.factor': f32(scaling.factor) }
			: {}),
		vocab_size: u32(spec.vocabularySize),
	};
	return Object.entries(entries).map(([key, entry]) => [`${arch}.${key}`, entry]);
}

function outputOf(
	spec: ModelSpec,
	weights: WeightStore,
	name: string,
	shape: readonly number[],
	{ form: wanted, adapter }: GgufModelOptions,
): GgufOutput {
	const row = shape.at(-1) ?? 1;
	// Logits suffer most from a coarse head, which is often the embedding table.
	const isEnd = name === 'model.embed_tokens.weight' || name === headName(spec);
	const finest = wanted === 'Q4_0' && isEnd ? 'Q8_0' : wanted;
	const form: WrittenForm =
		shape.length < 2 ? 'F32' : row % layouts[finest].values === 0 ? finest : 'F16';
	const ordered = (bytes: Uint8Array) => orderRows(spec, name, bytes, bytesOf(form, row));
	return {
		name: ggufName(name) ?? name,
		shape,
		form,
		async bytes(signal) {
			const values = await mergedFloats(weights, name, adapter, signal);
			// Unchanged weights of the same type are copied: quantising twice would change them.
			return ordered(
				values ? quantize(form, values) : await unchanged(weights, name, form, signal),
			);
		},
	};
}

async function unchanged(
	weights: WeightStore,
	name: string,
	form: WrittenForm,
	signal?: AbortSignal,
): Promise<Uint8Array> {
	return weights.stored.get(name)?.form === form
		? await weights.raw(name, signal)
		: quantize(form, await weights.floats(name, signal));
}

const orderRows = (spec: ModelSpec, name: string, bytes: Uint8Array, rowBytes: number) =>
	isInterleaved(spec.architecture, name)
		? reorderRows(bytes, spec.headSize, rowBytes, 'interleaved')
		: bytes;

/** A LoRA for llama.cpp's `--lora`; its scale there is alpha / rank, as here. */
export function ggufAdapter(
	spec: ModelSpec,
	adapter: Adapter,
	options: {
		readonly name?: string;
		readonly form?: 'F32' | 'F16';
		readonly signal?: AbortSignal;
	} = {},
): AsyncGenerator<Uint8Array, void, undefined> {
	const { parameters } = adapter;
	if (parameters.kind !== 'lora')
		throw new CheckpointError('All weights have changed; export the whole model as GGUF instead.');
	const { form = 'F32' } = options;
	const tensors: GgufOutput[] = [];
	for (const [name, { shape, data }] of adapter.tensors) {
		const [, module = '', factor = ''] = /^(.+)\.lora_([AB])\.weight$/.exec(name) ?? [];
		const base = ggufName(`${module}.weight`);
		if (base === undefined) throw new CheckpointError(`GGUF has no name for "${name}".`);
		const rowBytes = bytesOf(form, shape.at(-1) ?? 1);
		tensors.push({
			name: `${base}.lora_${factor.toLowerCase()}`,
			shape,
			form,
			bytes: async () => orderRows(spec, name, quantize(form, data), rowBytes),
		});
	}
	const metadata = new Map<string, GgufEntry>([
		['general.architecture', text(archOf(spec))],
		['general.type', text('adapter')],
		['adapter.type', text('lora')],
		...(options.name === undefined ? [] : [['general.name', text(options.name)] as const]),
		['adapter.lora.alpha', f32(parameters.alpha)],
		['general.quantization_version', quantizationVersion],
	]);
	return writeGguf(metadata, tensors, options.signal);
}

/** `tokenizer.*` of a GGUF file, unchanged. */
export const tokenizerEntries = ({ metadata, types }: GgufHeader): GgufEntries =>
	new Map(
		[...metadata].flatMap(([key, value]) => {
			const type = types.get(key);
			return key.startsWith('tokenizer.') && type !== undefined
				? [[key, { type, value }] as const]
				: [];
		}),
	);
