/** @file A model of a few thousand random weights as a person would have it: a folder of Hugging Face, or one GGUF. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { characterTokenizerFiles } from '#model/tokenizers/character-tokenizer.ts';
import { writeModel } from '#model/checkpoint/export.ts';
import { readSpec } from '#model/spec.ts';
import { initialiseModel } from '#training/initialise.ts';

export interface TinyOptions {
	/** One token each. */
	readonly characters?: readonly string[];
	readonly width?: number;
	readonly contextLength?: number;
	/** With a chat template: `u:hello\n`, and `a:` where the assistant begins. */
	readonly chats?: boolean;
}

const template =
	"{% for m in messages %}{{ m['role'][:1] + ':' + m['content'] + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'a:' }}{% endif %}";

/** config.json, model.safetensors (some 100 kB), tokenizer.json and more, by name. */
export function tinyFolder({
	characters = [...'abcdefghijklmnopqrstuvwxyz :\n?'],
	width = 32,
	contextLength = 64,
	chats = false,
}: TinyOptions = {}): Readonly<Record<string, Uint8Array>> {
	const spec = readSpec({
		architectures: ['LlamaForCausalLM'],
		vocab_size: characters.length + 2,
		hidden_size: width,
		intermediate_size: 2 * width,
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
	const texts = [
		...characterTokenizerFiles({ pad: '<pad>', end: '<end>', characters }),
		...(chats ? [['chat_template.jinja', template] as const] : []),
	].map(([name, text]) => [name, new TextEncoder().encode(text)] as const);
	// At the usual deviation the frozen head could hardly tell one token from another.
	return Object.fromEntries([...writeModel(spec, initialiseModel(spec, 1, 0.7)), ...texts]);
}

/** Writes the files to a folder, which must not be there yet. */
export async function writeTinyFolder(folder: string, options: TinyOptions): Promise<void> {
	await mkdir(folder);
	for (const [name, bytes] of Object.entries(tinyFolder(options)))
		await writeFile(join(folder, name), bytes);
}

/** 12 kB; has no tokenizer that speaks English. */
export const tinyGguf = async (): Promise<Uint8Array> =>
	new Uint8Array(await readFile(new URL('../fixtures/gguf/ours/q8_0.gguf', import.meta.url)));
