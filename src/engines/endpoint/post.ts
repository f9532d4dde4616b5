/** @file One request to a chat-completions server, with retries and an idle timeout. */
import { derive, random } from '#base/random.ts';
import { EndpointFailure, refusal, sentenceOf, unreachable } from './failure.ts';
import { eventData } from './server-sent-events.ts';

/** The used part of `fetch`. */
export type Fetch = (
	url: string,
	init: {
		readonly method: 'GET' | 'POST';
		readonly headers: Readonly<Record<string, string>>;
		readonly body?: string;
		readonly signal: AbortSignal;
	},
) => Promise<Response>;

export interface Post {
	readonly fetch: Fetch;
	readonly url: string;
	readonly key: string | undefined;
	/** Idle timeout in ms: before the response, and between two pieces of it. */
	readonly timeoutMs: number;
	/** Attempts in all. */
	readonly attempts: number;
	/** Resolves after `ms`, or rejects when the signal aborts. */
	readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
	/** Advice in the error if the server is unreachable. */
	readonly remedy: string;
}

/** Headers of a request; this content type triggers a CORS preflight in a browser. */
export const headersOf = (key: string | undefined): Readonly<Record<string, string>> => ({
	'content-type': 'application/json',
	...(key ? { authorization: `Bearer ${key}` } : {}),
});

/** Waits for a timer; rejects at once on abort. */
export const waitForTimer: Post['wait'] = (ms, signal) =>
	new Promise((resolve, reject) => {
		const stop = (): void => {
			clearTimeout(timer);
			reject(signal.reason as Error);
		};
		const timer = setTimeout(() => {
			signal.removeEventListener('abort', stop);
			resolve();
		}, ms);
		if (signal.aborted) stop();
		else signal.addEventListener('abort', stop, { once: true });
	});

/** Back-off: half a second, doubled each time, half of it random; `Retry-After` if given; a minute at most. */
function pauseMs(seed: number, attempt: number, retryAfter: number | undefined): number {
	const own = 500 * 2 ** attempt * (0.5 + random(derive(seed, 'retry', attempt)).next());
	return Math.min(60_000, Math.max(own, (retryAfter ?? 0) * 1000));
}

/** The replies to one body: one if it is not streamed. Retries only before the first piece. */
export async function* replies(
	post: Post,
	body: unknown,
	seed: number,
	signal: AbortSignal,
): AsyncGenerator<unknown, void> {
	for (let attempt = 0; ; attempt++) {
		let begun = false;
		try {
			for await (const reply of once(post, JSON.stringify(body), signal)) {
				begun = true;
				yield reply;
			}
			return;
		} catch (error) {
			signal.throwIfAborted();
			const passing = error instanceof EndpointFailure && error.isPassing;
			if (begun || !passing || attempt + 1 >= post.attempts) throw error;
			await post.wait(pauseMs(seed, attempt, error.retryAfter), signal);
		}
	}
}

async function* once(
	{ fetch, url, key, timeoutMs, remedy }: Post,
	body: string,
	signal: AbortSignal,
): AsyncGenerator<unknown, void> {
	const silence = new AbortController();
	let timer: ReturnType<typeof setTimeout> | undefined;
	const heard = (): void => {
		clearTimeout(timer);
		timer = setTimeout(() => {
			silence.abort();
		}, timeoutMs);
	};
	/** Hides the key in text that a server or proxy repeats. */
	const hide = (text: string): string => (key ? text.replaceAll(key, '…') : text);
	try {
		heard();
		const response = await fetch(url, {
			method: 'POST',
			headers: headersOf(key),
			body,
			signal: AbortSignal.any([signal, silence.signal]),
		});
		heard();
		if (!response.ok)
			throw refusal(
				response.status,
				hide(await response.text()),
				response.headers.get('retry-after'),
			);
		if (!response.headers.get('content-type')?.includes('text/event-stream')) {
			yield accepted(await response.text(), hide);
			return;
		}
		for await (const data of eventData(chunks(response, heard))) {
			if (data.trim() === '[DONE]') {
				yield null;
				return;
			}
			yield accepted(data, hide);
		}
	} catch (cause) {
		if (cause instanceof EndpointFailure || signal.aborted) throw cause;
		if (silence.signal.aborted)
			throw new EndpointFailure(
				`The endpoint was silent for ${timeoutMs / 1000} s. Allow more time, ask for shorter answers, or use a smaller model.`,
				{ cause },
			);
		throw unreachable(new URL(url).origin, cause, remedy, key);
	} finally {
		clearTimeout(timer);
		// Cancels the rest of the response if the reader has stopped.
		silence.abort();
	}
}

async function* chunks(response: Response, heard: () => void): AsyncGenerator<Uint8Array, void> {
	const reader = response.body?.getReader();
	if (!reader) return;
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			heard();
			yield value;
		}
	} finally {
		await reader.cancel().catch(() => undefined);
	}
}

/** A reply as JSON; an error object, which servers send in the middle of a stream, is thrown. */
function accepted(text: string, hide: (text: string) => string): unknown {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw new EndpointFailure(
			`The endpoint sent something that is not JSON: "${hide(text).slice(0, 200)}". Check its address, which usually ends in /v1.`,
			{ status: 200, cause },
		);
	}
	if (typeof value !== 'object' || value === null || !('error' in value) || !value.error)
		return value;
	const serverMessage = hide(sentenceOf(text));
	throw new EndpointFailure(
		`The endpoint gave up: ${serverMessage}${/[.!?]$/.test(serverMessage) ? '' : '.'} Look at the log of the server.`,
		{ status: 200, serverMessage },
	);
}
