/** @file `config.json`: what transformers assumes where it is silent, and a sentence for what we cannot run. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillToken, noToken } from '#model/model-spec.ts';
import { loraShapes, readSpec, UnsupportedModelError, weightShapes } from '#model/spec.ts';

const config = {
	architectures: ['LlamaForCausalLM'],
	vocab_size: 32,
	hidden_size: 16,
	intermediate_size: 24,
	num_hidden_layers: 2,
	num_attention_heads: 4,
};
const of = (entries: Readonly<Record<string, unknown>>) => readSpec({ ...config, ...entries });

describe('a config.json', () => {
	it('is completed as transformers completes it, by architecture', () => {
		expect(of({})).toMatchObject({
			keyValueHeads: 4,
			headSize: 4,
			ropeTheta: 10_000,
			rope: [true, true],
			tiedEmbeddings: false,
		});
		const deep = { architectures: ['SmolLM3ForCausalLM'], num_hidden_layers: 5 };
		expect(of(deep)).toMatchObject({
			keyValueHeads: 4,
			ropeTheta: 2_000_000,
			rope: [true, true, true, false, true],
			tiedEmbeddings: true,
		});
		expect(of({ ...deep, no_rope_layer_interval: 2 }).rope).toEqual([
			true,
			false,
			true,
			false,
			true,
		]);
		const qwen3 = of({ architectures: ['Qwen3ForCausalLM'], num_key_value_heads: 2 });
		expect(qwen3).toMatchObject({ headSize: 128, queryKeyNorm: true, attentionBias: false });
		const qwen2 = of({ architectures: ['Qwen2ForCausalLM'], num_key_value_heads: null });
		expect(qwen2).toMatchObject({ keyValueHeads: 4, attentionBias: true });
	});

	it('may keep its rope settings where transformers 5 puts them', () => {
		const rope = { rope_type: 'default', rope_theta: 1234 };
		expect(of({ rope_parameters: rope }).ropeTheta).toBe(1234);
		expect(of({ rope_theta: 77, rope_scaling: null }).ropeTheta).toBe(77);
	});

	it.each([undefined, null, []])(
		'is known by its type if it lists the architectures %j',
		(list) => {
			const spec = of({ architectures: list, model_type: 'qwen3', num_key_value_heads: 2 });
			expect(spec).toMatchObject({ architecture: 'Qwen3ForCausalLM', queryKeyNorm: true });
		},
	);

	it('may list several end tokens, of which the first counts', () => {
		expect(of({ eos_token_id: [7, 8], pad_token_id: 3 })).toMatchObject({
			endToken: 7,
			padToken: 3,
		});
	});

	it.each([-1, 32, 2 ** 32 - 1, 1.5, null])(
		'that pads with %s, which is no token of the model, names none, and rows are filled with its first one',
		(pad) => {
			expect(of({ pad_token_id: pad }).padToken).toBe(noToken);
			expect(fillToken(of({ pad_token_id: pad }))).toBe(0);
			expect(fillToken(of({ pad_token_id: 31 }))).toBe(31);
		},
	);

	it.each([
		[{ architectures: null, model_type: 'gpt2' }, 'architecture "undefined" is not supported'],
		[{ architectures: ['GPT2LMHeadModel'] }, 'architecture "GPT2LMHeadModel" is not supported'],
		[{ architectures: ['constructor'] }, 'architecture "constructor" is not supported'],
		[{ architectures: 'LlamaForCausalLM' }, 'architecture "undefined" is not supported'],
		[{ rope_scaling: { rope_type: 'llama3', factor: 8 } }, '"llama3" needs low_freq_factor'],
		[
			{ rope_scaling: { rope_type: 'llama3', low_freq_factor: 4, high_freq_factor: 4 } },
			'needs high_freq_factor above low_freq_factor',
		],
		[{ rope_scaling: { type: 'linear', factor: '2' } }, 'rope scaling "linear" needs factor'],
		[{ rope_scaling: { type: 'dynamic', factor: 2 } }, 'rope scaling "dynamic"'],
		[{ partial_rotary_factor: 0.5 }, 'partial_rotary_factor'],
		[{ rope_parameters: { rope_type: 'yarn' } }, 'rope scaling "yarn"'],
		[{ hidden_act: 'gelu' }, 'hidden_act must be "silu"'],
		[{ attention_bias: true }, 'attention_bias'],
		[{ mlp_bias: true }, 'mlp_bias'],
		[{ use_sliding_window: true }, 'use_sliding_window'],
		[{ num_hidden_layers: 0 }, 'num_hidden_layers must be a whole number from 1'],
		[{ num_hidden_layers: 2 ** 24 }, 'num_hidden_layers must be a whole number from 1 to 1024'],
		[{ hidden_size: '16' }, 'hidden_size must be a whole number'],
		[{ hidden_size: 2 ** 40 }, 'hidden_size must be a whole number'],
		[{ num_key_value_heads: 3 }, 'a multiple of num_key_value_heads'],
		[{ head_dim: 5 }, 'head_dim must be even'],
		[{ architectures: ['SmolLM3ForCausalLM'], no_rope_layers: [1] }, 'no_rope_layers must be'],
		[{ architectures: ['SmolLM3ForCausalLM'], no_rope_layers: [1, 2] }, 'no_rope_layers must be'],
	])('is refused by name: %j', (entries, message) => {
		expect(() => of(entries)).toThrow(UnsupportedModelError);
		expect(() => of(entries)).toThrow(message);
	});

	it('of any content is read or refused, and never fails otherwise', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...Object.keys(config), 'no_rope_layers'),
				fc.jsonValue(),
				(name, value) => {
					try {
						of({ architectures: ['SmolLM3ForCausalLM'], [name]: value });
					} catch (error) {
						expect(error).toBeInstanceOf(UnsupportedModelError);
					}
				},
			),
		);
		for (const json of [null, 1, 'x', [], {}])
			expect(() => readSpec(json)).toThrow(UnsupportedModelError);
	});
});

describe('shapes', () => {
	it('of a LoRA are those of the modules it touches, in every layer', () => {
		const shapes = loraShapes(of({ num_key_value_heads: 2 }), {
			rank: 3,
			targets: ['k_proj', 'down_proj'],
		});
		expect(Object.fromEntries(shapes)).toEqual(
			Object.fromEntries(
				[0, 1].flatMap((i) => [
					[`model.layers.${i}.self_attn.k_proj.lora_A.weight`, [3, 16]],
					[`model.layers.${i}.self_attn.k_proj.lora_B.weight`, [8, 3]],
					[`model.layers.${i}.mlp.down_proj.lora_A.weight`, [3, 24]],
					[`model.layers.${i}.mlp.down_proj.lora_B.weight`, [16, 3]],
				]),
			),
		);
	});

	it('have a head of their own only where the embedding is not the head', () => {
		expect(weightShapes(of({})).has('lm_head.weight')).toBe(true);
		expect(weightShapes(of({ tie_word_embeddings: true })).has('lm_head.weight')).toBe(false);
	});
});
