/** @file Incremental detokenisation: a token may end inside a character, whose text then comes with the next token. */

/** Text of a stream of tokens. */
export interface TokenText {
	/** Text that is final with this token; empty while a character is incomplete. */
	push(token: number): string;
	/** Text of the incomplete character at the end of the stream, as the whole text has it (U+FFFD). */
	rest(): string;
}

/** A token is decoded together with the ones before it, as some tokenizers drop a space at the very start. */
export function tokenText(decode: (tokens: readonly number[]) => string): TokenText {
	/** Tokens emitted last, then tokens still pending. */
	let tokens: readonly number[] = [];
	let written = 0;
	const added = (): string => decode(tokens).slice(decode(tokens.slice(0, written)).length);
	return {
		push: (token) => {
			tokens = [...tokens, token];
			const text = added();
			if (text === '' || text.endsWith('\ufffd')) return '';
			tokens = tokens.slice(written);
			written = tokens.length;
			return text;
		},
		rest: added,
	};
}

/** Text of each token; that of a character in several tokens comes with its last. */
export function piecesOf(
	decode: (tokens: readonly number[]) => string,
	tokens: readonly number[],
): readonly string[] {
	const text = tokenText(decode);
	const pieces = tokens.map((token) => text.push(token));
	return pieces.length === 0
		? pieces
		: [...pieces.slice(0, -1), (pieces.at(-1) ?? '') + text.rest()];
}
