/**
 * @file The worker that asks a server on the person's own machine. It is the only script whose content security policy lets it:
 * `src/ui/offline/headers.ts` names the one server in its address.
 */
import type { Answer, Ask } from './protocol.ts';

interface Open {
	readonly abort: AbortController;
	reader?: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
}

const open = new Map<number, Open>();

const say = (answer: Answer): void => {
	self.postMessage(answer, {
		transfer: answer.type === 'piece' ? [answer.piece.buffer] : [],
	});
};

async function ask({ id, url, init }: Extract<Ask, { type: 'fetch' }>): Promise<void> {
	const request: Open = { abort: new AbortController() };
	open.set(id, request);
	const response = await fetch(url, { ...init, signal: request.abort.signal });
	request.reader = response.body?.getReader();
	const { status, statusText, redirected, type } = response;
	const hasBody = request.reader !== undefined;
	const headers = [...response.headers];
	const head = { status, statusText, headers, url: response.url, redirected, type, hasBody };
	say({ type: 'head', id, head });
	if (!hasBody) open.delete(id);
}

/** Sends one piece of a body, or its end. */
async function pull(id: number): Promise<void> {
	const reader = open.get(id)?.reader;
	if (!reader) return;
	const { done, value } = await reader.read();
	if (!done) {
		say({ type: 'piece', id, piece: value });
		return;
	}
	open.delete(id);
	say({ type: 'end', id });
}

self.onmessage = ({ data }: MessageEvent<Ask>): void => {
	const { id } = data;
	const fail = (error: unknown): void => {
		open.delete(id);
		say({ type: 'failed', id, message: error instanceof Error ? error.message : String(error) });
	};
	switch (data.type) {
		case 'fetch':
			ask(data).catch(fail);
			return;
		case 'pull':
			pull(id).catch(fail);
			return;
		case 'abort':
			open.get(id)?.abort.abort();
			open.delete(id);
			return;
		default:
			data satisfies never;
	}
};
