/**
 * @file A chat-completions server on this machine, with a script for a model: real HTTP, event streams cut anywhere, and
 * every way to fail. One character is one token; its log-probability is minus a hundredth of its code.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A request as it came. */
export interface Asked {
	readonly path: string;
	readonly authorization: string | undefined;
	readonly body: Readonly<Record<string, unknown>> & {
		readonly messages: readonly { readonly role: string; readonly content: string }[];
	};
}

/** What the server does with one request. */
export type Act =
	| {
			readonly kind: 'answer';
			/** One text for each choice. */
			readonly texts: readonly string[];
			/** Without them the server tells none, whatever is asked. */
			readonly logprobs?: boolean;
			readonly finish?: string;
			/** Streams, whether asked to or not. */
			readonly alwaysStreams?: boolean;
			/** Bytes of each packet of a stream; whole events without it. */
			readonly packet?: number;
			/** ms before each packet. */
			readonly slow?: number;
			/** Ends the connection after so many characters of the first text. */
			readonly cutAfter?: number;
			/** Sends an error in the place of the rest after so many characters. */
			readonly failAfter?: number;
	  }
	| {
			readonly kind: 'refuse';
			readonly status: number;
			readonly body: string;
			readonly headers?: Readonly<Record<string, string>>;
	  }
	/** Hangs up without a word. */
	| { readonly kind: 'hang-up' }
	/** Never answers. */
	| { readonly kind: 'silence' };

export interface ChatServer {
	readonly url: string;
	readonly asked: readonly Asked[];
	/** Connections whose answer the client did not wait for. */
	readonly left: number;
	close(): Promise<void>;
}

const told = (text: string) =>
	Array.from(text, (token) => ({
		token,
		id: token.codePointAt(0),
		logprob: -(token.codePointAt(0) ?? 0) / 100,
		bytes: [...Buffer.from(token)],
	}));

export async function startChatServer(
	act: (asked: Asked, nth: number) => Act,
): Promise<ChatServer> {
	const asked: Asked[] = [];
	let left = 0;
	const server = createServer((request, response) => {
		response.on('close', () => (left += response.writableFinished ? 0 : 1));
		void serve(request, response).catch(() => response.destroy());
	});

	const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
		const parts: Buffer[] = [];
		for await (const part of request) parts.push(part as Buffer);
		const { authorization } = request.headers;
		const body = JSON.parse(Buffer.concat(parts).toString()) as Asked['body'];
		const question = { path: request.url ?? '', authorization, body };
		const todo = act(question, asked.push(question) - 1);
		if (todo.kind === 'silence') return;
		if (todo.kind === 'hang-up') {
			request.socket.destroy();
			return;
		}
		if (todo.kind === 'refuse') {
			response.writeHead(todo.status, todo.headers).end(todo.body);
			return;
		}
		const { texts, finish = 'stop', cutAfter, failAfter } = todo;
		const logprobs = todo.logprobs === true && body['logprobs'] === true;
		if (body['stream'] !== true && todo.alwaysStreams !== true) {
			await pause(todo.slow ?? 0);
			const choices = texts.map((content, index) => ({
				index,
				message: { role: 'assistant', content },
				logprobs: logprobs ? { content: told(content) } : null,
				finish_reason: finish,
			}));
			response
				.writeHead(200, { 'content-type': 'application/json' })
				.end(JSON.stringify({ object: 'chat.completion', choices }));
			return;
		}
		response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
		const event = (value: unknown): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
		const chunk = (delta: object, more: object = {}): string =>
			event({ object: 'chat.completion.chunk', choices: [{ index: 0, delta, ...more }] });
		const characters = Array.from(texts[0] ?? '').slice(0, cutAfter ?? failAfter);
		const events = [
			': a comment\r\n\r\n',
			chunk({ role: 'assistant', content: null }),
			...characters.map((content) =>
				chunk({ content }, logprobs ? { logprobs: { content: told(content) } } : {}),
			),
		];
		if (failAfter !== undefined) events.push(event({ error: { message: 'out of memory' } }));
		else if (cutAfter === undefined)
			events.push(chunk({}, { finish_reason: finish }), 'data: [DONE]\n\n');
		const bytes = Buffer.from(events.join(''));
		const packets = todo.packet
			? Array.from({ length: Math.ceil(bytes.length / todo.packet) }, (_, i) =>
					bytes.subarray(i * (todo.packet ?? 1), (i + 1) * (todo.packet ?? 1)),
				)
			: events;
		for (const packet of packets) {
			if (todo.slow) await pause(todo.slow);
			if (response.destroyed) return;
			// The next packet only after this one has left, so that the client sees them apart.
			await new Promise((sent) => response.write(packet, sent));
		}
		if (cutAfter === undefined) response.end();
		else request.socket.destroy();
	};

	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/v1`,
		asked,
		get left() {
			return left;
		},
		close: () =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	};
}
