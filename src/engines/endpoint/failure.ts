/** @file What an endpoint did not do, in words: its own where it gave any, and what to do about it. */
import { BackendError } from '#base/backend-error.ts';

/** A request that failed. */
export class EndpointFailure extends BackendError {
	/** HTTP status; 0 where there was no answer. */
	readonly status: number;
	/** What the server said. */
	readonly said: string;
	/** Seconds it asks to wait. */
	readonly retryAfter: number | undefined;
	constructor(
		message: string,
		known: {
			readonly status?: number;
			readonly said?: string;
			readonly retryAfter?: number | undefined;
			readonly cause?: unknown;
		} = {},
	) {
		super('not-available', message, { cause: known.cause });
		this.name = 'EndpointFailure';
		this.status = known.status ?? 0;
		this.said = known.said ?? '';
		this.retryAfter = known.retryAfter;
	}
	/** Worth asking again: the network, a busy server, a server's own fault. */
	get isPassing(): boolean {
		return [0, 408, 429, 500, 502, 503, 504].includes(this.status);
	}
	/** The prompt and answer are too long for the model. */
	get isContext(): boolean {
		return (
			[400, 413, 422].includes(this.status) &&
			/context[ _-]?(length|size|window)|maximum context|prompt is too long/i.test(this.said)
		);
	}
	/** The server takes no wish for log-probabilities. */
	get isLogprobs(): boolean {
		return [400, 422, 501].includes(this.status) && /log_?probs?/i.test(this.said);
	}
}

/** No answer at all; a browser says no more of a server that is not there than of one that forbids it to ask. */
export function unreachable(
	origin: string,
	cause: unknown,
	remedy: string,
	key: string | undefined,
): EndpointFailure {
	const said = cause instanceof Error ? cause.message : String(cause);
	// A key that is repeated in it is not repeated here.
	const shown = key ? said.replaceAll(key, '…') : said;
	return new EndpointFailure(
		`The endpoint at ${origin} could not be reached or hung up (${shown}). ${remedy}`,
		{ cause },
	);
}

/** The sentence in an error body: OpenAI's, llama.cpp's, Ollama's and FastAPI's forms, else its first words. */
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
		return body
			.replace(/<[^>]*>/g, ' ')
			.replace(/\s+/g, ' ')
			.trim()
			.slice(0, 300);
	}
}

const remedies: readonly (readonly [statuses: readonly number[], remedy: string])[] = [
	[[401, 403], 'Check the key.'],
	[[404], 'Check the address, which usually ends in /v1, and the name of the model.'],
	[[408, 429], 'Wait a little, or ask for less at a time.'],
	[[400, 422], 'Change what is asked for, or use a server that offers it.'],
];

/** A reply that says no. */
export function refusal(status: number, body: string, retryAfter: string | null): EndpointFailure {
	const said = sentenceOf(body);
	const remedy = remedies.find(([statuses]) => statuses.includes(status))?.[1];
	const seconds = Number(retryAfter ?? NaN);
	return new EndpointFailure(
		`The endpoint answered ${status}${said ? `: ${said}` : ''}${/[.!?]$/.test(said) ? '' : '.'} ${remedy ?? 'Look at the log of the server.'}`,
		{ status, said, retryAfter: Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined },
	);
}
