/**
 * @file Bytes of each token of a vocabulary: byte-level tokens hold parts of characters, and SentencePiece writes spaces
 * as "▁" and bytes as "<0x0A>".
 */
import { isRecord } from '#base/untrusted/is-record.ts';
import type { TextTokenizer } from '../tokenizer.ts';

const encoder = new TextEncoder();

/** Inverse of GPT-2's printable characters for bytes. */
const byteOf: ReadonlyMap<string, number> = (() => {
	const printable = (byte: number): boolean =>
		(byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xff && byte !== 0xad);
	let next = 0x100;
	return new Map(
		Array.from({ length: 256 }, (_, byte) => [
			String.fromCharCode(printable(byte) ? byte : next++),
			byte,
		]),
	);
})();

function byteLevelBytes(text: string): Uint8Array | undefined {
	const bytes = Array.from(text, (character) => byteOf.get(character));
	return bytes.every((byte) => byte !== undefined) ? Uint8Array.from(bytes) : undefined;
}

function sentencePieceBytes(text: string): Uint8Array {
	const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(text)?.[1];
	return byte === undefined
		? encoder.encode(text.replaceAll('▁', ' '))
		: Uint8Array.of(parseInt(byte, 16));
}

/** The bytes of a parsed `tokenizer.json`'s tokens by id; undefined for special ones and for unknown decoders. */
export function tokenizerJsonBytes(
	json: Readonly<Record<string, unknown>>,
	vocabulary: ReadonlyMap<string | undefined, number>,
): ReadonlyMap<number, Uint8Array> | undefined {
	const { decoder, added_tokens: added } = json;
	const steps = new Set<unknown>();
	const collect = (step: unknown): void => {
		if (!isRecord(step)) return;
		if (Array.isArray(step['decoders'])) step['decoders'].forEach(collect);
		else steps.add(step['type']);
	};
	collect(decoder);
	const write = steps.has('ByteLevel')
		? byteLevelBytes
		: ['ByteFallback', 'Metaspace', 'Replace'].some((step) => steps.has(step))
			? sentencePieceBytes
			: steps.has('WordPiece') || steps.has('BPEDecoder') || steps.has('CTC')
				? undefined
				: (text: string) => encoder.encode(text);
	if (!write) return undefined;
	const found = new Map<number, Uint8Array>();
	for (const [text, id] of vocabulary) {
		// The id of a token that is listed twice has no text.
		const bytes = text === undefined ? undefined : write(text);
		if (bytes) found.set(id, bytes);
	}
	if (Array.isArray(added))
		for (const token of (added as readonly unknown[]).filter(isRecord)) {
			const { content, id, special } = token;
			if (typeof content !== 'string' || typeof id !== 'number') continue;
			if (special === true) found.delete(id);
			else found.set(id, encoder.encode(content));
		}
	return found;
}

/** Bytes of each token by id; undefined for special tokens and unused ids. */
export function vocabularyBytes(tokenizer: TextTokenizer): readonly (Uint8Array | undefined)[] {
	return Array.from({ length: tokenizer.vocabularySize }, (_, token) => {
		if (tokenizer.tokenBytes) return tokenizer.tokenBytes(token);
		const text = tokenizer.decode([token]);
		// A partial character has no text of its own, and is left out.
		return text === '' || text.includes('\ufffd') ? undefined : encoder.encode(text);
	});
}
