/**
 * @file What web-llm's engine looks like with a model loaded, as far as the adapter uses it: chunks as the package makes
 * them, one question at a time, an interruption that ends at the next token. One character is one token. No compiled
 * model is to be had for tests, so this stands in for one; the package itself is tested in Chromium up to the loading.
 */
import type {
	ChatCompletion,
	ChatCompletionChunk,
	ChatCompletionRequestBase,
	ChatCompletionRequestNonStreaming,
	Completion,
	CompletionCreateParamsBase,
	CompletionCreateParamsNonStreaming,
} from '@mlc-ai/web-llm';
import type { WebLlm } from '#engines/web-llm/web-llm-engine.ts';

export type Asked = ChatCompletionRequestBase | CompletionCreateParamsBase;

export interface LoadedDouble extends WebLlm {
	readonly asked: Asked[];
	/** Questions under way; the package answers one at a time. */
	readonly most: () => number;
	readonly unloaded: () => boolean;
}

interface Letter {
	readonly letter?: string;
	readonly finish?: 'stop' | 'length' | 'abort';
}

/** `say` is the model; an Error it returns is thrown as the worker's client throws it: as text. */
export function loadedDouble(say: (asked: Asked) => string | Error): LoadedDouble {
	const asked: Asked[] = [];
	const state = { interrupted: false, open: 0, most: 0, unloaded: false };
	const isInterrupted = () => state.interrupted;
	const head = { id: 'x', created: 0, model: 'double' } as const;
	const logprobsOf = (token: string) => ({
		content: [{ token, logprob: -token.charCodeAt(0) / 100, bytes: null, top_logprobs: [] }],
	});
	async function* letters(request: Asked): AsyncGenerator<Letter, void> {
		state.most = Math.max(state.most, ++state.open);
		state.interrupted = false;
		try {
			const said = say(request);
			if (said instanceof Error) throw said.toString() as unknown;
			const all = [...said];
			const longest = request.max_tokens ?? Infinity;
			for (const [i, letter] of all.entries()) {
				await new Promise((resolve) => setTimeout(resolve));
				const cut = isInterrupted() ? 'abort' : i >= longest ? 'length' : undefined;
				if (cut) {
					yield { finish: cut };
					return;
				}
				yield { letter };
			}
			yield { finish: 'stop' };
		} finally {
			state.open--;
		}
	}
	const chat = async function* (request: Asked): AsyncGenerator<ChatCompletionChunk> {
		for await (const { letter, finish = null } of letters(request))
			yield {
				...head,
				object: 'chat.completion.chunk',
				choices: [
					{
						index: 0,
						delta: letter === undefined ? {} : { role: 'assistant', content: letter },
						finish_reason: finish,
						...(letter === undefined ? {} : { logprobs: logprobsOf(letter) }),
					},
				],
			};
	};
	const complete = async function* (request: Asked): AsyncGenerator<Completion> {
		for await (const { letter = '', finish = null } of letters(request))
			yield {
				...head,
				object: 'text_completion',
				choices: [
					{
						index: 0,
						text: letter,
						finish_reason: finish,
						...(letter === '' ? {} : { logprobs: logprobsOf(letter) }),
					},
				],
			};
	};
	// The package overloads both by `stream`; the adapter always streams.
	const whole = (): never => {
		throw new Error('the adapter streams');
	};
	function chatCompletion(request: ChatCompletionRequestNonStreaming): Promise<ChatCompletion>;
	function chatCompletion(
		request: ChatCompletionRequestBase,
	): Promise<AsyncIterable<ChatCompletionChunk>>;
	function chatCompletion(request: ChatCompletionRequestBase): Promise<unknown> {
		asked.push(request);
		return request.stream ? Promise.resolve(chat(request)) : whole();
	}
	function completion(request: CompletionCreateParamsNonStreaming): Promise<Completion>;
	function completion(request: CompletionCreateParamsBase): Promise<AsyncIterable<Completion>>;
	function completion(request: CompletionCreateParamsBase): Promise<unknown> {
		asked.push(request);
		return request.stream ? Promise.resolve(complete(request)) : whole();
	}
	return {
		asked,
		most: () => state.most,
		unloaded: () => state.unloaded,
		chatCompletion,
		completion,
		interruptGenerate: () => {
			state.interrupted = true;
		},
		unload: async () => {
			state.unloaded = true;
		},
	};
}
