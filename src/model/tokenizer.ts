/** @file Text to token ids and back. The work is `@huggingface/tokenizers`'; this is the face the house uses. */

export interface TextTokenizer {
	readonly vocabularySize: number;
	readonly endToken: number;
	readonly padToken: number;
	encode(text: string): number[];
	decode(tokens: readonly number[]): string;
}
