/** @file Export of a model or adapter to files for transformers, PEFT, vLLM and llama.cpp's converter. */
import type { Adapter } from '../adapter.ts';
import { familyOf } from '../families.ts';
import { writeRopeScaling } from '../rope.ts';
import { weightShapes } from '../spec.ts';
import { noToken, type ModelSpec } from '../model-spec.ts';
import type { TensorMap } from '../tensor.ts';
import { pickTensors } from './pick.ts';
import { writePeftAdapter, type PeftOptions } from './peft.ts';
import { writeSafetensors } from './safetensors/safetensors.ts';

/** The `config.json` of a spec; `readSpec` gives the spec back. */
export function writeConfig(spec: ModelSpec): Readonly<Record<string, unknown>> {
	const family = familyOf(spec.architecture);
	return {
		architectures: [spec.architecture],
		model_type: family?.modelType ?? 'llama',
		vocab_size: spec.vocabularySize,
		hidden_size: spec.hiddenSize,
		intermediate_size: spec.intermediateSize,
		num_hidden_layers: spec.layers,
		num_attention_heads: spec.heads,
		num_key_value_heads: spec.keyValueHeads,
		head_dim: spec.headSize,
		hidden_act: 'silu',
		rms_norm_eps: spec.normEpsilon,
		rope_theta: spec.ropeTheta,
		...(spec.ropeScaling ? { rope_scaling: writeRopeScaling(spec.ropeScaling) } : {}),
		...(family?.ropeLayers
			? {
					no_rope_layers: spec.rope.map(Number),
					layer_types: spec.rope.map(() => 'full_attention'),
				}
			: {}),
		// The context does not exceed the window.
		...(family?.slidingWindow === undefined ? {} : { sliding_window: null }),
		tie_word_embeddings: spec.tiedEmbeddings,
		attention_bias: false,
		max_position_embeddings: spec.contextLength,
		bos_token_id: null,
		eos_token_id: spec.endToken === noToken ? null : spec.endToken,
		pad_token_id: spec.padToken === noToken ? null : spec.padToken,
		dtype: 'float32',
	};
}

/** `config.json` and `model.safetensors` of a whole model; put the tokenizer's files beside them. */
export function writeModel(
	spec: ModelSpec,
	weights: TensorMap,
	options: Pick<PeftOptions, 'dtype'> = {},
): ReadonlyMap<string, Uint8Array> {
	const complete = pickTensors(weights, weightShapes(spec), 'The weights');
	const dtypes = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const;
	const { dtype = 'F32' } = options;
	const config = { ...writeConfig(spec), dtype: dtypes[dtype] };
	return new Map([
		['config.json', new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`)],
		['model.safetensors', writeSafetensors(complete, { dtype })],
	]);
}

/** An adapter as files: PEFT's two for a LoRA, a model folder for a full adapter. */
export function exportAdapter(
	spec: ModelSpec,
	adapter: Adapter,
	options: PeftOptions = {},
): ReadonlyMap<string, Uint8Array> {
	const { kind } = adapter.parameters;
	switch (kind) {
		case 'lora':
			return writePeftAdapter(adapter, options);
		case 'full':
			return writeModel(spec, adapter.tensors, options);
		default:
			return kind satisfies never;
	}
}
