/** @file Body of a server's response, read up to a limit of bytes. */
import { EndpointFailure } from './failure.ts';

/** The pieces of a body; the rest is cancelled when the reader stops. */
export async function* bodyPieces(response: Response): AsyncGenerator<Uint8Array, void> {
	const reader = response.body?.getReader();
	if (!reader) return;
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield value;
		}
	} finally {
		await reader.cancel().catch(() => undefined);
	}
}

/** The same pieces; throws past `most` bytes. */
export async function* boundedPieces(
	response: Response,
	most: number,
): AsyncGenerator<Uint8Array, void> {
	let length = 0;
	for await (const piece of bodyPieces(response)) {
		length += piece.length;
		if (length > most)
			throw new EndpointFailure(
				`The endpoint sent more than ${Math.ceil(most / 2 ** 20)} MB for one answer. Ask for shorter answers, or use another server.`,
				{ status: 200 },
			);
		yield piece;
	}
}

/** A body as text; throws past `most` bytes. */
export async function readBody(response: Response, most: number): Promise<string> {
	return await textOf(boundedPieces(response, most));
}

/** The first `most` bytes of a body as text; the rest is not read. */
export async function readStart(response: Response, most: number): Promise<string> {
	return await textOf(firstBytes(response, most));
}

async function* firstBytes(response: Response, most: number): AsyncGenerator<Uint8Array, void> {
	let left = most;
	for await (const piece of bodyPieces(response)) {
		yield piece.subarray(0, left);
		left -= piece.length;
		if (left <= 0) return;
	}
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
	const decoder = new TextDecoder();
	const parts: string[] = [];
	for await (const piece of pieces) parts.push(decoder.decode(piece, { stream: true }));
	parts.push(decoder.decode());
	return parts.join('');
}
