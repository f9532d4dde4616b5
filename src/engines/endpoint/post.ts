/** @file One request to a chat-completions server, with retries, an idle timeout and limits of what is read. */
import { endpointLimits } from '#base/limits.ts';
import { derive, random } from '#base/random.ts';
import { EndpointFailure, redirected, refusal, sentenceOf, unreachable } from './failure.ts';
import { boundedPieces, readBody, readStart } from './response.ts';
import { eventData } from './server-sent-events.ts';

/** The used part of `fetch`. */
export type Fetch = (
	url: string,
	init: {
		readonly method: 'GET' | 'POST';
		readonly headers: Readonly<Record<string, string>>;
		readonly body?: string;
		/** A redirect would send the prompt to an address that nobody chose. */
		readonly redirect: 'manual';
		readonly signal: AbortSignal;
	},
) => Promise<Response>;

export interface Post {
	readonly fetch: Fetch;
	readonly url: string;
	readonly key: string | undefined;
	/** Idle timeout in ms: before the response, for a whole body, and between two events of a stream. */
	readonly timeoutMs: number;
	/** Whole time of one request in ms. */
	readonly wholeMs: number;
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

/** A request, and the number of tokens it asks for, by which its answer is bounded. */
export interface Request {
	readonly body: unknown;
	readonly tokens: number;
}

/** The replies to one body: one if it is not streamed. Retries only before the first piece. */
export async function* replies(
	post: Post,
	request: Request,
	seed: number,
	signal: AbortSignal,
): AsyncGenerator<unknown, void> {
	for (let attempt = 0; ; attempt++) {
		let begun = false;
		try {
			for await (const reply of once(post, request, signal)) {
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

const wasSilent = (ms: number): EndpointFailure =>
	new EndpointFailure(
		`The endpoint was silent for ${ms / 1000} s. Allow more time, ask for shorter answers, or use a smaller model.`,
	);
/** Unlike silence, a slow answer is not asked for again. */
const tookTooLong = (ms: number): EndpointFailure =>
	new EndpointFailure(
		`The endpoint took more than ${ms / 1000} s for one answer. Ask for shorter answers, or use a smaller model.`,
		{ status: 200 },
	);

async function* once(
	{ fetch, url, key, timeoutMs, wholeMs, remedy }: Post,
	{ body, tokens }: Request,
	signal: AbortSignal,
): AsyncGenerator<unknown, void> {
	const ended = new AbortController();
	let late: EndpointFailure | undefined;
	const endWith = (failure: EndpointFailure) => () => {
		late ??= failure;
		ended.abort();
	};
	const whole = setTimeout(endWith(tookTooLong(wholeMs)), wholeMs);
	let timer: ReturnType<typeof setTimeout> | undefined;
	const heard = (): void => {
		clearTimeout(timer);
		timer = setTimeout(endWith(wasSilent(timeoutMs)), timeoutMs);
	};
	/** Hides the key in text that a server or proxy repeats. */
	const hide = (text: string): string => (key ? text.replaceAll(key, '…') : text);
	const most = endpointLimits.bytes + tokens * endpointLimits.bytesPerToken;
	try {
		heard();
		const response = await fetch(url, {
			method: 'POST',
			headers: headersOf(key),
			body: JSON.stringify(body),
			redirect: 'manual',
			signal: AbortSignal.any([signal, ended.signal]),
		});
		heard();
		const elsewhere = redirected(response, url);
		if (elsewhere) throw elsewhere;
		if (!response.ok)
			throw refusal(
				response.status,
				hide(await readStart(response, endpointLimits.errorBytes)),
				response.headers.get('retry-after'),
			);
		if (!response.headers.get('content-type')?.includes('text/event-stream')) {
			yield accepted(await readBody(response, most), hide);
			return;
		}
		let left = endpointLimits.events + tokens * endpointLimits.eventsPerToken;
		for await (const data of eventData(boundedPieces(response, most))) {
			// A comment is no sign of an answer; servers send them for ever.
			heard();
			if (data.trim() === '[DONE]') {
				yield null;
				return;
			}
			if (left-- === 0)
				throw new EndpointFailure(
					`The endpoint goes on after the ${tokens} tokens that were asked for. Use a server that heeds max_tokens.`,
					{ status: 200 },
				);
			yield accepted(data, hide);
		}
	} catch (cause) {
		if (cause instanceof EndpointFailure || signal.aborted) throw cause;
		if (late) throw late;
		throw unreachable(new URL(url).origin, cause, remedy, key);
	} finally {
		clearTimeout(timer);
		clearTimeout(whole);
		// Cancels the rest of the response if the reader has stopped.
		ended.abort();
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
