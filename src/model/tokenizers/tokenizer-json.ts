/** @file Tokenizer of a parsed `tokenizer.json`. */
import { readCharacterTokenizer } from './character-tokenizer.ts';
import { CheckpointError } from '../checkpoint/checkpoint-error.ts';
import type { ModelSpec } from '../model-spec.ts';
import type { TextTokenizer } from '../tokenizer.ts';

/** A Map if each token is a character, otherwise the library, which is loaded only then. */
export async function tokenizerOf(json: unknown, spec: ModelSpec): Promise<TextTokenizer> {
	const tokenizer =
		readCharacterTokenizer(json, spec) ??
		(await import('./hf-tokenizer.ts')).hfTokenizer(json, spec);
	if (tokenizer.vocabularySize > spec.vocabularySize)
		throw new CheckpointError(
			`tokenizer.json has ids up to ${tokenizer.vocabularySize - 1}, but config.json says vocab_size ${spec.vocabularySize}; the files belong to different models.`,
		);
	return tokenizer;
}
