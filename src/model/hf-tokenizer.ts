/** @file Any Hugging Face `tokenizer.json`, through `@huggingface/tokenizers`. */
import { Tokenizer } from '@huggingface/tokenizers';
import { CheckpointError } from './checkpoint/checkpoint-error.ts';
import { isRecord } from './checkpoint/json.ts';
import type { TextTokenizer } from './tokenizer.ts';

/** Opens a parsed `tokenizer.json`; which ids end and pad comes from the model's `config.json`. */
export function hfTokenizer(
	json: unknown,
	marks: { readonly endToken: number; readonly padToken: number },
): TextTokenizer {
	if (!isRecord(json)) throw new CheckpointError('tokenizer.json must hold a JSON object.');
	const tokenizer = open(json);
	let largest = -1;
	for (const id of tokenizer.get_vocab().values()) largest = Math.max(largest, id);
	if (largest < 0) throw new CheckpointError('tokenizer.json has an empty vocabulary.');
	return {
		...marks,
		vocabularySize: largest + 1,
		encode: (text) =>
			text === '' ? [] : tokenizer.encode(text, { add_special_tokens: false }).ids,
		// The library refuses an empty list, and would by default tidy spaces before punctuation.
		decode: (tokens) =>
			tokens.length === 0
				? ''
				: tokenizer.decode([...tokens], {
						skip_special_tokens: true,
						clean_up_tokenization_spaces: false,
					}),
	};
}

function open(json: Readonly<Record<string, unknown>>): Tokenizer {
	try {
		return new Tokenizer({ added_tokens: [], ...json }, {});
	} catch (cause) {
		throw new CheckpointError(
			`tokenizer.json cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
			{ cause },
		);
	}
}
