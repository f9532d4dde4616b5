/** @file Request body of chat-completions servers (OpenAI's API as vLLM, llama.cpp and Ollama implement it). */
import type { GenerateOptions, Message, Prompt } from '../engine.ts';
import { noBudget } from '../kv-cache/budget.ts';
import { BackendError } from '#base/backend-error.ts';

/** Contents of one request. */
export interface Question {
	readonly model: string;
	readonly prompt: Prompt;
	readonly options: GenerateOptions;
	readonly seed: number;
	readonly choices: number;
	readonly stream: boolean;
	readonly logprobs: boolean;
	/** Support for regular expressions. */
	readonly expressions: 'refused' | 'vllm';
}

/** The JSON of a request; a plain text becomes a user message. Options not set are omitted. */
export function requestBody(question: Question): Readonly<Record<string, unknown>> {
	const { model, prompt, options, stream } = question;
	if (options.cache) throw noBudget('A server');
	const { temperature = 0, topK = 0, topP = 1, minP = 0, repetitionPenalty = 1 } = options;
	return {
		model,
		messages: typeof prompt === 'string' ? [{ role: 'user', content: prompt }] : prompt.map(asSent),
		max_tokens: options.maxTokens,
		temperature,
		// Some servers keep seeds in 31 bits.
		seed: question.seed & 0x7fffffff,
		stream,
		...(question.choices > 1 ? { n: question.choices } : {}),
		...(question.logprobs ? { logprobs: true } : {}),
		...(topP < 1 ? { top_p: topP } : {}),
		...(topK > 0 ? { top_k: topK } : {}),
		...(minP > 0 ? { min_p: minP } : {}),
		// vLLM's name for it, and llama.cpp's.
		...(repetitionPenalty === 1
			? {}
			: { repetition_penalty: repetitionPenalty, repeat_penalty: repetitionPenalty }),
		...(options.stop && options.stop.length > 0 ? { stop: options.stop } : {}),
		...formFields(question),
	};
}

/**
 * A message for the server. Servers require a call id with tool output; no tool is declared, so tool output is sent as
 * the user's.
 */
const asSent = ({ role, content }: Message): Message => ({
	role: role === 'tool' ? 'user' : role,
	content,
});

function formFields({ options: { form }, expressions }: Question): object {
	if (!form) return {};
	if (form.kind === 'json-schema')
		return {
			response_format: {
				type: 'json_schema',
				json_schema: { name: 'answer', strict: true, schema: form.schema },
			},
		};
	if (expressions === 'vllm') return { structured_outputs: { regex: form.source } };
	throw new BackendError(
		'not-available',
		'This endpoint takes no regular expressions; ask for a JSON schema, or choose vLLM as its kind.',
	);
}
