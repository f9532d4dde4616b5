/** @file A model of a few thousand random weights in a folder of Hugging Face: one token per character, and a chat template. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { characterTokenizerFiles } from '#model/character-tokenizer.ts';
import { writeModel } from '#model/checkpoint/export.ts';
import { readSpec } from '#model/spec.ts';
import { initialiseModel } from '#training/initialise.ts';

/** `u:hello\n`, and `a:` where the assistant begins. */
const template =
	"{% for m in messages %}{{ m['role'][:1] + ':' + m['content'] + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'a:' }}{% endif %}";

/** Writes the folder, which must not be there yet. */
export async function writeTinyFolder(
	folder: string,
	options: { readonly characters: readonly string[]; readonly contextLength: number },
): Promise<void> {
	const { characters, contextLength } = options;
	const spec = readSpec({
		architectures: ['LlamaForCausalLM'],
		vocab_size: characters.length + 2,
		hidden_size: 16,
		intermediate_size: 32,
		num_hidden_layers: 2,
		num_attention_heads: 2,
		num_key_value_heads: 1,
		hidden_act: 'silu',
		rms_norm_eps: 1e-5,
		rope_theta: 10_000,
		tie_word_embeddings: true,
		max_position_embeddings: contextLength,
		eos_token_id: 1,
		pad_token_id: 0,
	});
	await mkdir(folder);
	// At the usual deviation the frozen head could hardly tell one token from another.
	for (const [name, bytes] of writeModel(spec, initialiseModel(spec, 1, 0.7)))
		await writeFile(join(folder, name), bytes);
	for (const [name, text] of characterTokenizerFiles({ pad: '<pad>', end: '<end>', characters }))
		await writeFile(join(folder, name), text);
	await writeFile(join(folder, 'chat_template.jinja'), template);
}
