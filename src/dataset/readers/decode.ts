/** @file Bytes of a file as text, in pieces: UTF-8 and UTF-16 by their marks or their zeros, else Windows-1252. */

/** Bytes by which the encoding is recognised. */
const sampled = 1 << 20;

export interface Encoding {
	/** As `TextDecoder` names it. */
	readonly name: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
	/** Chosen because the bytes are no UTF-8. */
	readonly guessed: boolean;
}

/** The encoding of a text by its first bytes. */
export function encodingOf(bytes: Uint8Array): Encoding {
	const [a, b] = bytes;
	if (a === 0xff && b === 0xfe) return { name: 'utf-16le', guessed: false };
	if (a === 0xfe && b === 0xff) return { name: 'utf-16be', guessed: false };
	const part = bytes.subarray(0, 4096);
	const zeros = [0, 0];
	part.forEach((byte, i) => {
		if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
	});
	const [even = 0, odd = 0] = zeros;
	// Latin letters in UTF-16 have a zero in every other byte.
	if (odd > part.length / 5 && even < part.length / 50) return { name: 'utf-16le', guessed: false };
	if (even > part.length / 5 && odd < part.length / 50) return { name: 'utf-16be', guessed: false };
	try {
		// The last letter may be cut by the sample's end.
		new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
		return { name: 'utf-8', guessed: false };
	} catch {
		return { name: 'windows-1252', guessed: true };
	}
}

/** The first bytes of a file. */
export const startOf = async (blob: Blob, bytes = sampled): Promise<Uint8Array> =>
	new Uint8Array(await blob.slice(0, bytes).arrayBuffer());

/** The text in pieces, without a byte order mark. */
export async function* textOf(blob: Blob, encoding: Encoding): AsyncGenerator<string> {
	const decoder = new TextDecoder(encoding.name);
	for await (const bytes of bytesOf(blob)) {
		const text = decoder.decode(bytes, { stream: true });
		if (text !== '') yield text;
	}
	const rest = decoder.decode();
	if (rest !== '') yield rest;
}

/** Safari's streams are no async iterables. */
async function* bytesOf(blob: Blob): AsyncGenerator<Uint8Array> {
	const reader = blob.stream().getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield value;
		}
	} finally {
		await reader.cancel().catch(() => undefined); // read to its end
	}
}

/** All of it as one text; throws what `refuse` makes if it has more characters than allowed. */
export async function wholeText(
	pieces: AsyncIterable<string>,
	most: number,
	refuse: () => Error,
): Promise<string> {
	let text = '';
	for await (const piece of pieces) {
		text += piece;
		if (text.length > most) throw refuse();
	}
	return text;
}
