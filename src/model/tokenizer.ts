/** @file Tokenizer interface. Implementations: `character-tokenizer.ts`, `hf-tokenizer.ts`, `sentencepiece.ts`. */

export interface TextTokenizer {
	/** One more than the largest id. */
	readonly vocabularySize: number;
	/** `noToken` if no file names one. */
	readonly endToken: number;
	/** Fills up rows, where it is masked. */
	readonly padToken: number;
	/** Adds nothing at either end, so that encodings can be concatenated; a special token's text becomes its id. */
	encode(text: string): number[];
	/** Special tokens and unknown ids are left out. */
	decode(tokens: readonly number[]): string;
	/** UTF-8 bytes of a token; undefined for special tokens. Without it, `decode` of the token alone is used. */
	tokenBytes?(token: number): Uint8Array | undefined;
}
