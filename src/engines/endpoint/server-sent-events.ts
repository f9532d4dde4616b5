/** @file Server-sent events: the data of each event, however the bytes are split. */
import { endpointLimits } from '#base/limits.ts';
import { EndpointFailure } from './failure.ts';

/**
 * The `data` of each event of a stream (WHATWG HTML, 9.2.6); other fields and comments are ignored. Each character is
 * looked at once; a line longer than the limit throws EndpointFailure. The caller bounds the whole.
 */
export async function* eventData(
	bytes: AsyncIterable<Uint8Array>,
	longestLine: number = endpointLimits.lineBytes,
): AsyncGenerator<string, void> {
	const decoder = new TextDecoder();
	/** The open line, in pieces that hold no line end. */
	let open: string[] = [];
	let length = 0;
	/** The last piece ended with a carriage return, which may be half of a line end. */
	let isHalf = false;
	let data: string[] = [];
	const finished = (line: string): string | undefined => {
		if (line === '') {
			const event = data.length > 0 ? data.join('\n') : undefined;
			data = [];
			return event;
		}
		if (line === 'data') data.push('');
		else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
		return undefined;
	};
	const take = function* (text: string): Generator<string> {
		const ends = /\r\n|\n|\r/g;
		let from = isHalf && text.startsWith('\n') ? 1 : 0;
		if (text !== '') isHalf = text.endsWith('\r');
		ends.lastIndex = from;
		for (let end = ends.exec(text); end; end = ends.exec(text)) {
			open.push(text.slice(from, end.index));
			from = ends.lastIndex;
			const event = finished(open.join(''));
			open = [];
			length = 0;
			if (event !== undefined) yield event;
		}
		if (from === text.length) return;
		open.push(text.slice(from));
		length += text.length - from;
		if (length > longestLine)
			throw new EndpointFailure(
				`The endpoint sent a line of more than ${longestLine} bytes. Check its address, which usually ends in /v1, or use another server.`,
				{ status: 200 },
			);
	};
	for await (const piece of bytes) yield* take(decoder.decode(piece, { stream: true }));
	// Some servers omit the empty line after the last event.
	yield* take(`${decoder.decode()}\n\n`);
}
