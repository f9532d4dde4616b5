/**
 * @file Engine over a chat-completions server: vLLM, llama.cpp, Ollama or any OpenAI-compatible API. Prompts leave this
 * tab. Unlike engines that hold their model, it sends a plain text as a user message, and reproducibility of a seed is up
 * to the server.
 */
import { endpointLimits } from '#base/limits.ts';
import { derive } from '#base/random.ts';
import {
	type Engine,
	type GenerateOptions,
	type Generation,
	type Prompt,
	type StopReason,
	type TokenPiece,
} from '../engine.ts';
import { BackendError } from '#base/backend-error.ts';
import { findStop } from '../stop-text.ts';
import { checked, gathered, nothing, whole } from './answer.ts';
import { requestBody, type Question } from './body.ts';
import { EndpointFailure, redirected, refusal, unreachable } from './failure.ts';
import { readStart } from './response.ts';
import { headersOf, replies, waitForTimer, type Fetch, type Post } from './post.ts';
import { readChoices, type ReplyChoice } from './reply.ts';

export interface EndpointParts {
	readonly fetch: Fetch;
	/** Address up to and including `/v1`. */
	readonly url: string;
	/** The server's name of the model. */
	readonly model: string;
	readonly key?: string;
	/** Concurrent requests. Default 4. */
	readonly concurrency?: number;
	/** Answers per request for prompts that occur more than once. Default 1, which keeps each answer's own seed. */
	readonly choicesPerRequest?: number;
	/** Request log-probabilities (default); after a refusal they are not requested again. */
	readonly logprobs?: boolean;
	/** `vllm` supports regular expressions as well as schemas. */
	readonly kind?: 'vllm' | 'other';
	/** Timeout in ms without data. Default five minutes: a whole answer sends nothing until it is done. */
	readonly timeoutMs?: number;
	/** Whole time of one request in ms. Default half an hour. */
	readonly wholeMs?: number;
	/** Attempts while the server is busy or unreachable. Default 5. */
	readonly attempts?: number;
	readonly wait?: Post['wait'];
	/** Advice in the error if the server is unreachable; depends on the caller. */
	readonly remedy?: string;
}

/**
 * Fetches the list of models, which every such server has, so that an unreachable one is reported before any work. Any
 * answer will do; the headers are those of a request, so that a browser sends the same CORS preflight.
 */
export async function findEndpoint(
	parts: Pick<EndpointParts, 'fetch' | 'url' | 'key' | 'remedy'>,
	signal?: AbortSignal,
): Promise<void> {
	const { fetch, key, remedy = defaultRemedy } = parts;
	const { href, origin } = readUrl(parts.url);
	const patience = AbortSignal.timeout(10_000);
	const url = `${href.replace(/\/+$/, '')}/models`;
	const failed = (cause: unknown): never => {
		signal?.throwIfAborted();
		throw unreachable(origin, cause, remedy, key);
	};
	const response = await fetch(url, {
		method: 'GET',
		headers: headersOf(key),
		redirect: 'manual',
		signal: signal ? AbortSignal.any([signal, patience]) : patience,
	}).catch(failed);
	const elsewhere = redirected(response, url);
	if (elsewhere) throw elsewhere;
	if ([401, 403].includes(response.status)) {
		const body = await readStart(response, endpointLimits.errorBytes).catch(failed);
		throw refusal(response.status, body, null);
	}
	await response.body?.cancel();
}

/** Creates an engine on a server; nothing is sent until it generates. */
export function createEndpointEngine(parts: EndpointParts): Engine {
	const { model, concurrency = 4, choicesPerRequest = 1, kind = 'other' } = parts;
	const base = readUrl(parts.url);
	const post: Post = {
		fetch: parts.fetch,
		url: `${base.href.replace(/\/+$/, '')}/chat/completions`,
		key: parts.key,
		timeoutMs: parts.timeoutMs ?? 300_000,
		wholeMs: parts.wholeMs ?? endpointLimits.milliseconds,
		attempts: parts.attempts ?? 5,
		wait: parts.wait ?? waitForTimer,
		remedy: parts.remedy ?? defaultRemedy,
	};
	let logprobs = parts.logprobs ?? true;
	const closed = new AbortController();

	/** Sends a request, and once more without log-probabilities if the server refuses them. */
	async function* ask(
		question: Omit<Question, 'model' | 'logprobs' | 'expressions'>,
		signal: AbortSignal,
	): AsyncGenerator<unknown, void> {
		const expressions = kind === 'vllm' ? 'vllm' : 'refused';
		const tokens = question.options.maxTokens * question.choices;
		for (;;) {
			const body = requestBody({ ...question, model, logprobs, expressions });
			try {
				yield* replies(post, { body, tokens }, question.seed, signal);
				return;
			} catch (error) {
				if (!logprobs || !(error instanceof EndpointFailure) || !error.isLogprobs) throw error;
				logprobs = false;
			}
		}
	}

	/** Answers to one prompt in one request; `places` are their indices in the caller's list. */
	const answerJob = async (
		prompt: Prompt,
		places: readonly number[],
		options: GenerateOptions,
		signal: AbortSignal,
		keep: (place: number, answer: Generation) => void,
	): Promise<void> => {
		let left = places;
		let most = places.length;
		while (left.length > 0) {
			const asked = left.slice(0, most);
			const seed = derive(options.seed ?? 0, asked[0] ?? 0);
			const question = { prompt, options, seed, choices: asked.length, stream: false };
			const choices: ReplyChoice[] = [];
			try {
				for await (const reply of ask(question, signal))
					if (reply !== null) choices.push(...readChoices(reply));
			} catch (error) {
				if (!(error instanceof EndpointFailure) || !error.isContext) throw error;
				for (const place of left) keep(place, nothing('context'));
				return;
			}
			if (choices.length === 0)
				throw new EndpointFailure('The endpoint gave no answer. Look at the log of the server.', {
					status: 200,
				});
			const given = gathered(choices, options).slice(0, asked.length);
			given.forEach((answer, i) => keep(asked[i] ?? 0, answer));
			// A server that ignores `n` returns one.
			if (given.length < asked.length) most = given.length;
			left = left.slice(given.length);
		}
	};

	return {
		name: 'endpoint',
		description: `${model} at ${base.origin} (leaves this tab)`,
		forms: kind === 'vllm' ? ['json-schema', 'expression'] : ['json-schema'],
		async generate(prompts, options) {
			const answers: Generation[] = prompts.map(() => nothing('aborted'));
			const own = new AbortController();
			const signal = AbortSignal.any([
				own.signal,
				closed.signal,
				...(options.signal ? [options.signal] : []),
			]);
			let done = 0;
			const keep = (place: number, answer: Generation): void => {
				answers[place] = answer;
				options.onProgress?.(++done, prompts.length);
			};
			// Greedy choices would be equal, and vLLM refuses to make several.
			const most = (options.temperature ?? 0) > 0 ? choicesPerRequest : 1;
			const jobs = makeJobs(prompts, most);
			const worker = async (): Promise<void> => {
				for (let job = jobs.shift(); job && !signal.aborted; job = jobs.shift())
					await answerJob(job.prompt, job.places, options, signal, keep);
			};
			try {
				await Promise.all(Array.from({ length: concurrency }, worker));
				closed.signal.throwIfAborted();
			} catch (error) {
				if (!options.signal?.aborted) throw error;
			} finally {
				own.abort();
			}
			return answers;
		},
		async *stream(prompt, options): AsyncGenerator<TokenPiece, Generation> {
			const own = new AbortController();
			const signal = AbortSignal.any([
				own.signal,
				closed.signal,
				...(options.signal ? [options.signal] : []),
			]);
			const search = findStop<TokenPiece>(options.stop ?? []);
			const shown: TokenPiece[] = [];
			let finish: StopReason | undefined;
			const seed = derive(options.seed ?? 0, 0);
			const question = { prompt, options, seed, choices: 1, stream: true };
			try {
				for await (const reply of ask(question, signal)) {
					if (reply === null) finish ??= 'stop';
					else
						for (const choice of readChoices(reply)) {
							finish ??= choice.finish;
							for (const piece of choice.pieces.flatMap((next) => search.push(next))) {
								if (options.signal?.aborted) break;
								shown.push(piece);
								yield piece;
							}
						}
					if (options.signal?.aborted || search.stopped) break;
				}
			} catch (error) {
				if (error instanceof EndpointFailure && error.isContext) return nothing('context');
				if (!options.signal?.aborted) throw error;
			} finally {
				own.abort();
			}
			if (options.signal?.aborted) return whole(shown, 'aborted');
			if (search.stopped) return checked(whole(shown, 'stop'), options.form);
			for (const piece of search.flush()) {
				shown.push(piece);
				yield piece;
			}
			if (finish === undefined)
				throw new EndpointFailure(
					'The endpoint hung up in the middle of an answer. Ask again, or look at the log of the server.',
				);
			return checked(whole(shown, finish), options.form);
		},
		dispose: () => {
			closed.abort(new BackendError('not-available', 'This endpoint was closed; open it again.'));
			return Promise.resolve();
		},
	};
}

const defaultRemedy =
	'Check that the server runs, its address, and that it allows requests from this page (CORS).';

/** Equal prompts grouped, `most` at a time, in order of first occurrence. */
function makeJobs(
	prompts: readonly Prompt[],
	most: number,
): { readonly prompt: Prompt; readonly places: number[] }[] {
	const jobs: { readonly prompt: Prompt; readonly places: number[] }[] = [];
	const open = new Map<string, number[]>();
	prompts.forEach((prompt, place) => {
		const key = JSON.stringify(prompt);
		const places = open.get(key);
		if (places && places.length < most) places.push(place);
		else {
			const job = { prompt, places: [place] };
			jobs.push(job);
			open.set(key, job.places);
		}
	});
	return jobs;
}

function readUrl(text: string): URL {
	const address = text.trim().replace(/\/chat\/completions\/?$/, '');
	const url = URL.canParse(address) ? new URL(address) : undefined;
	if (!url || !/^https?:$/.test(url.protocol))
		throw new BackendError(
			'not-available',
			`"${text}" is not the address of an endpoint; write one such as http://localhost:8000/v1.`,
		);
	if (url.username !== '' || url.password !== '')
		throw new BackendError(
			'not-available',
			'The address holds a name or password; leave them out, and give the key by itself.',
		);
	return url;
}
