/**
 * @file Table of the model families: their layers, the defaults of their `config.json`, their GGUF names; and the weights
 * of a layer with shapes and GGUF names.
 *
 * Specs, weight shapes, both readers and writers of configs, and GGUF's names derive from here.
 */
import type { ModelSpec } from './model-spec.ts';

/** Features of a family beside the blocks of Llama, and transformers' defaults for its `config.json`. */
export interface Family {
	/** `model_type` in `config.json`. */
	readonly modelType: string;
	/** GGUF's `general.architecture`; for a name shared by several families, a file is read as the first in the table. */
	readonly gguf: string;
	/** GGUF stores its query and key rows for RoPE over neighbours (x₀ x₁)(x₂ x₃)…, not over halves (x₀ x_{h/2})…. */
	readonly interleaved: boolean;
	/** Biases on q, k, v. */
	readonly attentionBias?: true;
	/** RMSNorm on each query and key head. */
	readonly queryKeyNorm?: true;
	/** Layers without rotary positions, by `no_rope_layers`. */
	readonly ropeLayers?: true;
	/** Sliding-window attention over `sliding_window` tokens: the context is cut to it, so attention is full. */
	readonly slidingWindow?: number;
	readonly tied?: true;
	readonly keyValueHeads?: number;
	readonly headSize?: number;
	readonly ropeTheta?: number;
	readonly contextLength?: number;
}

/** By the name in `architectures` of `config.json`. */
export const families: Readonly<Record<string, Family>> = {
	LlamaForCausalLM: { modelType: 'llama', gguf: 'llama', interleaved: true },
	SmolLM3ForCausalLM: {
		modelType: 'smollm3',
		gguf: 'smollm3',
		interleaved: true,
		ropeLayers: true,
		tied: true,
		keyValueHeads: 4,
		ropeTheta: 2_000_000,
	},
	Qwen2ForCausalLM: {
		modelType: 'qwen2',
		gguf: 'qwen2',
		interleaved: false,
		attentionBias: true,
		keyValueHeads: 32,
	},
	Qwen3ForCausalLM: {
		modelType: 'qwen3',
		gguf: 'qwen3',
		interleaved: false,
		queryKeyNorm: true,
		keyValueHeads: 32,
		headSize: 128,
	},
	// llama.cpp's converter writes it as Llama, rows and all.
	MistralForCausalLM: {
		modelType: 'mistral',
		gguf: 'llama',
		interleaved: true,
		slidingWindow: 4096,
		keyValueHeads: 8,
		contextLength: 131_072,
	},
};

/** The family of an architecture, if there is one. */
export const familyOf = (architecture: string): Family | undefined =>
	Object.hasOwn(families, architecture) ? families[architecture] : undefined;

/** Sizes and switches that shapes depend on. */
type Sizes = Pick<
	ModelSpec,
	| 'hiddenSize'
	| 'intermediateSize'
	| 'heads'
	| 'keyValueHeads'
	| 'headSize'
	| 'attentionBias'
	| 'queryKeyNorm'
>;

/** A weight of a layer. */
export interface LayerWeight {
	/** Hugging Face name within the layer, without `.weight`. */
	readonly name: string;
	/** GGUF's name within the layer. */
	readonly gguf: string;
	readonly shape: (sizes: Sizes) => readonly number[];
	/** Is the weight present? Absent: always. */
	readonly present?: (sizes: Sizes) => boolean;
	/** Is there a bias, of as many numbers as rows? Absent: never. */
	readonly bias?: (sizes: Sizes) => boolean;
}

const hidden = ({ hiddenSize }: Sizes) => [hiddenSize];
const head = ({ headSize }: Sizes) => [headSize];
const keys = ({ keyValueHeads: n, headSize, hiddenSize }: Sizes) => [n * headSize, hiddenSize];
const inner = ({ intermediateSize, hiddenSize }: Sizes) => [intermediateSize, hiddenSize];
const bias = (sizes: Sizes) => sizes.attentionBias;
const present = (sizes: Sizes) => sizes.queryKeyNorm;

/** In the order of a model's weight names. */
export const layerWeights = [
	{ name: 'input_layernorm', gguf: 'attn_norm', shape: hidden },
	{
		name: 'self_attn.q_proj',
		gguf: 'attn_q',
		bias,
		shape: ({ heads, headSize, hiddenSize }) => [heads * headSize, hiddenSize],
	},
	{ name: 'self_attn.k_proj', gguf: 'attn_k', shape: keys, bias },
	{ name: 'self_attn.v_proj', gguf: 'attn_v', shape: keys, bias },
	{
		name: 'self_attn.o_proj',
		gguf: 'attn_output',
		shape: ({ heads, headSize, hiddenSize }) => [hiddenSize, heads * headSize],
	},
	{ name: 'self_attn.q_norm', gguf: 'attn_q_norm', shape: head, present },
	{ name: 'self_attn.k_norm', gguf: 'attn_k_norm', shape: head, present },
	{ name: 'post_attention_layernorm', gguf: 'ffn_norm', shape: hidden },
	{ name: 'mlp.gate_proj', gguf: 'ffn_gate', shape: inner },
	{ name: 'mlp.up_proj', gguf: 'ffn_up', shape: inner },
	{
		name: 'mlp.down_proj',
		gguf: 'ffn_down',
		shape: ({ intermediateSize, hiddenSize }) => [hiddenSize, intermediateSize],
	},
] as const satisfies readonly LayerWeight[];

/** Name of a weight within a layer; the key of any table of a layer's weights. */
export type LayerWeightName = (typeof layerWeights)[number]['name'];
/** A linear module, which a LoRA may touch. */
export type LinearModule = Extract<LayerWeightName, `${string}_proj`>;
/** The scales of a norm. */
export type NormName = Exclude<LayerWeightName, LinearModule>;

/** GGUF's names of the weights outside of the layers. */
export const outerNames: Readonly<Record<string, string>> = {
	'model.embed_tokens': 'token_embd',
	'model.norm': 'output_norm',
	lm_head: 'output',
};
