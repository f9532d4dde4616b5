/** @file `fetch` for one server on the person's own machine, through the worker that alone may ask it. */
import type { Fetch } from '#engines/endpoint/post.ts';
import type { Answer, Ask, Head } from './protocol.ts';

/** A `fetch` bound to one server, and its end. */
export interface LocalFetch {
	readonly fetch: Fetch;
	close(): void;
}

/** The used part of a `Worker`. */
export type AskingWorker = Pick<
	Worker,
	'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'
>;

/** Pending request: the callbacks for the worker's answers. */
interface Waiting {
	head(head: Head): void;
	piece(piece: Uint8Array<ArrayBuffer>): void;
	end(): void;
	fail(error: Error): void;
}

/** Statuses whose responses have no body; a constructed one with a body throws. */
const bodiless = [101, 103, 204, 205, 304];

/** Wraps the worker; a request that the worker cannot make fails like `fetch`, with a `TypeError`. */
export function fetchThrough(worker: AskingWorker): LocalFetch {
	const waiting = new Map<number, Waiting>();
	let ids = 0;
	let dead: Error | undefined;
	const send = (ask: Ask): void => {
		worker.postMessage(ask);
	};
	const failAll = (message: string): void => {
		dead = new TypeError(message);
		for (const request of waiting.values()) request.fail(dead);
		waiting.clear();
	};
	worker.onmessage = ({ data }: MessageEvent<Answer>) => {
		const request = waiting.get(data.id);
		if (data.type === 'end' || data.type === 'failed') waiting.delete(data.id);
		if (data.type === 'head') request?.head(data.head);
		else if (data.type === 'piece') request?.piece(data.piece);
		else if (data.type === 'end') request?.end();
		else request?.fail(new TypeError(data.message));
	};
	worker.onerror = (event) => {
		event.preventDefault();
		failAll(
			`the worker that asks the server failed: ${event.message || 'its script did not load'}`,
		);
	};
	worker.onmessageerror = () => {
		failAll('a message of the worker that asks the server could not be read');
	};

	const fetch: Fetch = (url, { signal, ...init }) =>
		new Promise<Response>((resolve, reject) => {
			if (dead || signal.aborted) {
				reject(dead ?? (signal.reason as Error));
				return;
			}
			const id = ids++;
			let stream: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
			/** Resolves the pull under way, so that the next one may begin. */
			let pulled = (): void => undefined;
			const done = (): void => {
				waiting.delete(id);
				signal.removeEventListener('abort', stop);
				pulled();
			};
			const fail = (error: Error): void => {
				done();
				reject(error);
				stream?.error(error);
			};
			const stop = (): void => {
				send({ type: 'abort', id });
				fail(signal.reason as Error);
			};
			signal.addEventListener('abort', stop, { once: true });
			waiting.set(id, {
				fail,
				head: (head) => {
					if (!head.hasBody || bodiless.includes(head.status)) {
						done();
						resolve(responseOf(head, null));
						return;
					}
					const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
						{
							start: (controller) => void (stream = controller),
							pull: () =>
								new Promise((next) => {
									pulled = next;
									send({ type: 'pull', id });
								}),
							cancel: () => {
								send({ type: 'abort', id });
								done();
							},
						},
						{ highWaterMark: 0 },
					);
					resolve(responseOf(head, body));
				},
				piece: (piece) => {
					stream?.enqueue(piece);
					pulled();
				},
				end: () => {
					stream?.close();
					done();
				},
			});
			send({ type: 'fetch', id, url, init });
		});
	return {
		fetch,
		close: () => {
			failAll('the server is no longer asked');
			worker.terminate();
		},
	};
}

/** The response as `fetch` gave it, with what a constructed one would lose. */
function responseOf(head: Head, body: ReadableStream | null): Response {
	const { status, statusText, headers, url, redirected, type } = head;
	const isReal = status >= 200;
	const made = new Response(body, {
		status: isReal ? status : 200,
		statusText,
		headers: headers.map(([name, value]): [string, string] => [name, value]),
	});
	const own = { url, redirected, type, ...(!isReal && { status, ok: false }) };
	for (const [name, value] of Object.entries(own)) Object.defineProperty(made, name, { value });
	return made;
}
