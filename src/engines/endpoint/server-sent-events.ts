/** @file Server-sent events: the data of each event, however the bytes are split. */

/** The `data` of each event of a stream (WHATWG HTML, 9.2.6); other fields and comments are ignored. */
export async function* eventData(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
	const decoder = new TextDecoder();
	let text = '';
	let data: string[] = [];
	const lines = function* (last: boolean): Generator<string> {
		for (;;) {
			const end = /\r\n|\n|\r/.exec(text);
			// A carriage return at the end may be half of a line end.
			if (!end || (!last && end[0] === '\r' && end.index === text.length - 1)) return;
			const line = text.slice(0, end.index);
			text = text.slice(end.index + end[0].length);
			yield line;
		}
	};
	const take = function* (last: boolean): Generator<string> {
		for (const line of lines(last)) {
			if (line === '') {
				if (data.length > 0) yield data.join('\n');
				data = [];
			} else if (line === 'data') data.push('');
			else if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
		}
	};
	for await (const piece of bytes) {
		text += decoder.decode(piece, { stream: true });
		yield* take(false);
	}
	// Some servers omit the empty line after the last event.
	text += `${decoder.decode()}\n\n`;
	yield* take(true);
}
