/** @file A speaker without a model: draws any token that a form allows, until one ends the answer. */
import type { Random } from '#base/random.ts';
import { hasToken, type TokenForm } from '#engines/forms/token-form.ts';
import type { TokenBytes } from '#engines/forms/vocabulary.ts';

const encoder = new TextEncoder();

/** A vocabulary of all single bytes and some longer tokens; the last id, without bytes, ends an answer. */
export function byteVocabulary(longer: readonly string[]): {
	readonly bytes: TokenBytes;
	readonly endToken: number;
} {
	const bytes = [
		...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
		...longer.map((text) => encoder.encode(text)),
		undefined,
	];
	return { bytes, endToken: bytes.length - 1 };
}

/** One token per text, and an end token. */
export function textVocabulary(texts: readonly string[]): {
	readonly bytes: TokenBytes;
	readonly endToken: number;
} {
	const bytes = [...texts.map((text) => encoder.encode(text)), undefined];
	return { bytes, endToken: bytes.length - 1 };
}

/** Tokens that a mask allows. */
export const allowedTokens = (form: TokenForm, place: number): readonly number[] => {
	const set = form.allowed(place);
	return Array.from({ length: set.length * 32 }, (_, token) => token).filter((token) =>
		hasToken(set, token),
	);
};

/** The fewest tokens that lead to where an answer may end. */
function wayOut(form: TokenForm, from: number, endToken: number): readonly number[] {
	const seen = new Set([from]);
	let open: readonly { readonly place: number; readonly way: readonly number[] }[] = [
		{ place: from, way: [] },
	];
	while (open.length > 0) {
		const next: (typeof open)[number][] = [];
		for (const { place, way } of open)
			for (const token of allowedTokens(form, place)) {
				if (token === endToken) return [...way, endToken];
				const after = form.after(place, token);
				if (seen.has(after)) continue;
				seen.add(after);
				next.push({ place: after, way: [...way, token] });
			}
		open = next;
	}
	throw new Error('no end can be reached');
}

/** A random answer of the form, end token left out: `free` tokens at most as they fall, then straight to an end. */
export function speakTokens(
	form: TokenForm,
	endToken: number,
	stream: Random,
	free = 20,
): readonly number[] {
	let place = form.start;
	const said: number[] = [];
	for (let i = 0; i < free; i++) {
		const token = stream.pick(allowedTokens(form, place));
		if (token === endToken) break;
		said.push(token);
		place = form.after(place, token);
	}
	return [...said, ...wayOut(form, place, endToken).slice(0, -1)];
}

/** The text of such an answer. */
export function speak(
	form: TokenForm,
	{ bytes, endToken }: { readonly bytes: TokenBytes; readonly endToken: number },
	stream: Random,
	free = 20,
): string {
	const said = speakTokens(form, endToken, stream, free);
	const written = said.flatMap((token) => Array.from(bytes[token] ?? []));
	return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
		Uint8Array.from(written),
	);
}
