/** @file Incremental detokenisation: a token may end inside a character, whose text then comes with the next token. */

/**
 * Text that each token adds. A token is decoded together with the ones before it, as some tokenizers drop a space at the
 * very start.
 */
export function tokenText(
	decode: (tokens: readonly number[]) => string,
): (token: number) => string {
	/** Tokens emitted last, then tokens still pending. */
	let tokens: readonly number[] = [];
	let written = 0;
	return (token) => {
		tokens = [...tokens, token];
		const text = decode(tokens).slice(decode(tokens.slice(0, written)).length);
		if (text === '' || text.endsWith('\ufffd')) return '';
		tokens = tokens.slice(written);
		written = tokens.length;
		return text;
	};
}
