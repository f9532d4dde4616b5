/** @file Tokens as text while they come: a token may end within a character, whose text then comes with the next. */

/**
 * Gives what each token adds to the text. A token is decoded with the ones before it, as some tokenizers drop a space at
 * the very start.
 */
export function tokenText(
	decode: (tokens: readonly number[]) => string,
): (token: number) => string {
	/** Those written last, then those not yet written. */
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
