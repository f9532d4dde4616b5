/** @file A model of a few thousand weights as a person would have it: a folder of Hugging Face, or one GGUF. */
import { readFile } from 'node:fs/promises';
import { characterTokenizerFiles } from '#model/character-tokenizer.ts';
import { writeModel } from '#model/checkpoint/export.ts';
import { readSpec } from '#model/spec.ts';
import { initialiseModel } from '#training/initialise.ts';

const characters = [...'abcdefghijklmnopqrstuvwxyz :\n?'];

export const tinySpec = readSpec({
	architectures: ['LlamaForCausalLM'],
	vocab_size: characters.length + 2,
	hidden_size: 32,
	intermediate_size: 64,
	num_hidden_layers: 2,
	num_attention_heads: 2,
	num_key_value_heads: 1,
	hidden_act: 'silu',
	rms_norm_eps: 1e-5,
	rope_theta: 10_000,
	tie_word_embeddings: true,
	max_position_embeddings: 64,
	eos_token_id: 1,
	pad_token_id: 0,
});

/** config.json, model.safetensors (some 100 kB), tokenizer.json and more, by name. */
export function tinyFolder(): Readonly<Record<string, Uint8Array>> {
	const vocabulary = { pad: '<pad>', end: '<end>', characters };
	const texts = [...characterTokenizerFiles(vocabulary)].map(
		([name, text]) => [name, new TextEncoder().encode(text)] as const,
	);
	return Object.fromEntries([...writeModel(tinySpec, initialiseModel(tinySpec, 1, 0.7)), ...texts]);
}

/** 12 kB; has no tokenizer that speaks English. */
export const tinyGguf = async (): Promise<Uint8Array> =>
	new Uint8Array(await readFile(new URL('../fixtures/gguf/ours/q8_0.gguf', import.meta.url)));
