/**
 * @file The Llama family, written once against `Operators<T>`: pre-norm blocks of grouped-query attention and SwiGLU
 * (Touvron et al. 2023), rotary positions or none per layer, optional query/key norm and biases.
 */
import type { LoraFactors, Operators } from './operators.ts';
import { inverseFrequencies } from './rope.ts';
import type { ModelSpec } from './model-spec.ts';

/** Weights of a block; names as in `weightShapes`. */
export interface WeightSource<T> {
	weight(name: string): T;
	/** Factors of a module such as `model.layers.0.mlp.up_proj`; undefined if no adapter changes it. */
	lora(module: string): LoraFactors<T> | undefined;
}

/** One block: x [B, T, D] → [B, T, D]. */
export function block<T>(
	spec: ModelSpec,
	layer: number,
	x: T,
	source: WeightSource<T>,
	ops: Operators<T>,
): T {
	const at = `model.layers.${layer}`;
	const linear = (module: string, input: T, bias = false): T =>
		ops.linear(input, source.weight(`${module}.weight`), {
			bias: bias ? source.weight(`${module}.bias`) : undefined,
			lora: source.lora(module),
		});
	const perHead = (name: string, input: T): T =>
		spec.queryKeyNorm
			? ops.headNorm(
					input,
					source.weight(`${at}.self_attn.${name}.weight`),
					spec.headSize,
					spec.normEpsilon,
				)
			: input;

	const h = ops.rmsNorm(x, source.weight(`${at}.input_layernorm.weight`), spec.normEpsilon);
	const q = perHead('q_norm', linear(`${at}.self_attn.q_proj`, h, spec.attentionBias));
	const k = perHead('k_norm', linear(`${at}.self_attn.k_proj`, h, spec.attentionBias));
	const v = linear(`${at}.self_attn.v_proj`, h, spec.attentionBias);
	const mixed = ops.attention(q, k, v, {
		layer,
		heads: spec.heads,
		keyValueHeads: spec.keyValueHeads,
		headSize: spec.headSize,
		...(spec.rope[layer] ? { frequencies: inverseFrequencies(spec) } : {}),
	});
	const middle = ops.add(x, linear(`${at}.self_attn.o_proj`, mixed));

	const g = ops.rmsNorm(
		middle,
		source.weight(`${at}.post_attention_layernorm.weight`),
		spec.normEpsilon,
	);
	const gated = ops.gatedSilu(linear(`${at}.mlp.gate_proj`, g), linear(`${at}.mlp.up_proj`, g));
	return ops.add(middle, linear(`${at}.mlp.down_proj`, gated));
}

/** Token ids [B, T] → normed hidden states [B, T, D], ready for the head. */
export function transformer<T>(
	spec: ModelSpec,
	ids: T,
	source: WeightSource<T>,
	ops: Operators<T>,
): T {
	let x = ops.embed(source.weight('model.embed_tokens.weight'), ids);
	for (let layer = 0; layer < spec.layers; layer++) x = block(spec, layer, x, source, ops);
	return ops.rmsNorm(x, source.weight('model.norm.weight'), spec.normEpsilon);
}

/** Name of the weight that maps hidden states to logits. */
export const headName = (spec: ModelSpec): string =>
	spec.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight';
