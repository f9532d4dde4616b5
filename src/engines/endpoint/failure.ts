/** @file Errors of an endpoint: the server's own message if it sent one, and a remedy. */
import { BackendError } from '#base/backend-error.ts';
import { cut } from '#base/untrusted/quote.ts';

/** A request that failed. */
export class EndpointFailure extends BackendError {
	/** HTTP status; 0 without a response. */
	readonly status: number;
	/** The server's message. */
	readonly serverMessage: string;
	/** `Retry-After` in seconds. */
	readonly retryAfter: number | undefined;
	constructor(
		message: string,
		known: {
			readonly status?: number;
			readonly serverMessage?: string;
			readonly retryAfter?: number | undefined;
			readonly cause?: unknown;
		} = {},
	) {
		super('not-available', message, { cause: known.cause });
		this.name = 'EndpointFailure';
		this.status = known.status ?? 0;
		this.serverMessage = known.serverMessage ?? '';
		this.retryAfter = known.retryAfter;
	}
	/** Is a retry worthwhile: network failure, busy server, server error? */
	get isPassing(): boolean {
		return [0, 408, 429, 500, 502, 503, 504].includes(this.status);
	}
	/** Do prompt and answer exceed the model's context? */
	get isContext(): boolean {
		return (
			[400, 413, 422].includes(this.status) &&
			/context[ _-]?(length|size|window)|maximum context|prompt is too long/i.test(
				this.serverMessage,
			)
		);
	}
	/** Did the server refuse log-probabilities? */
	get isLogprobs(): boolean {
		return [400, 422, 501].includes(this.status) && /log_?probs?/i.test(this.serverMessage);
	}
}

/** No response at all; a browser does not distinguish a missing server from one that forbids the request (CORS). */
export function unreachable(
	origin: string,
	cause: unknown,
	remedy: string,
	key: string | undefined,
): EndpointFailure {
	const serverMessage = cause instanceof Error ? cause.message : String(cause);
	// A key that the message repeats is hidden.
	const shown = key ? serverMessage.replaceAll(key, '…') : serverMessage;
	return new EndpointFailure(
		`The endpoint at ${origin} could not be reached or hung up (${shown}). ${remedy}`,
		{ cause },
	);
}

/** The message in an error body, in the formats of OpenAI, llama.cpp, Ollama and FastAPI; otherwise its first words. */
export function sentenceOf(body: string): string {
	const first = (value: unknown): string | undefined => {
		if (typeof value === 'string') return value;
		if (Array.isArray(value)) return value.map(first).filter(Boolean).join('; ') || undefined;
		if (typeof value !== 'object' || value === null) return undefined;
		const entries = new Map<string, unknown>(Object.entries(value));
		for (const name of ['error', 'message', 'detail', 'msg']) {
			const found = first(entries.get(name));
			if (found) return found;
		}
		return undefined;
	};
	try {
		return (first(JSON.parse(body)) ?? body).slice(0, 500);
	} catch {
		return withoutTags(body).replace(/\s+/g, ' ').trim().slice(0, 300);
	}
}

/** The text without `<…>`, in one pass; a `<` that nothing closes stays. */
function withoutTags(text: string): string {
	const parts: string[] = [];
	let from = 0;
	for (let start = text.indexOf('<'); start >= 0; start = text.indexOf('<', from)) {
		const end = text.indexOf('>', start);
		if (end < 0) break;
		parts.push(text.slice(from, start));
		from = end + 1;
	}
	return [...parts, text.slice(from)].join(' ');
}

/** Failure of a response that leads to another address; undefined if it does not. A browser hides where it leads. */
export function redirected(response: Response, url: string): EndpointFailure | undefined {
	const leads =
		response.type === 'opaqueredirect' || [301, 302, 303, 307, 308].includes(response.status);
	if (!leads) return undefined;
	const target = response.headers.get('location') ?? '';
	const shown = URL.canParse(target, url) ? ` (${cut(new URL(target, url).origin)})` : '';
	return new EndpointFailure(
		`The endpoint sends requests on to another address${shown}, and nothing was sent there. Give the right address itself.`,
		{ status: response.status === 0 ? 307 : response.status },
	);
}

const remedies: readonly (readonly [statuses: readonly number[], remedy: string])[] = [
	[[401, 403], 'Check the key.'],
	[[404], 'Check the address, which usually ends in /v1, and the name of the model.'],
	[[408, 429], 'Wait a little, or ask for less at a time.'],
	[[400, 422], 'Change what is asked for, or use a server that offers it.'],
];

/** Error of a refused request. */
export function refusal(status: number, body: string, retryAfter: string | null): EndpointFailure {
	const serverMessage = sentenceOf(body);
	const remedy = remedies.find(([statuses]) => statuses.includes(status))?.[1];
	const seconds = Number(retryAfter ?? NaN);
	return new EndpointFailure(
		`The endpoint answered ${status}${serverMessage ? `: ${serverMessage}` : ''}${/[.!?]$/.test(serverMessage) ? '' : '.'} ${remedy ?? 'Look at the log of the server.'}`,
		{
			status,
			serverMessage,
			retryAfter: Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined,
		},
	);
}
