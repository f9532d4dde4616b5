/** @file Text to token ids and back: the face the house uses. Behind it: `character-tokenizer.ts`, `hf-tokenizer.ts`. */

export interface TextTokenizer {
	/** One more than the largest id. */
	readonly vocabularySize: number;
	readonly endToken: number;
	readonly padToken: number;
	/** Adds nothing at either end, so that encodings can be joined; a special token's text becomes its id. */
	encode(text: string): number[];
	/** Special tokens and unknown ids are left out. */
	decode(tokens: readonly number[]): string;
	/** What a token writes, in UTF-8; undefined for special tokens. Without it, what `decode` gives for the token alone. */
	tokenBytes?(token: number): Uint8Array | undefined;
}
