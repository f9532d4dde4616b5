/** @file A question as chat-completions servers take it (OpenAI's form; vLLM, llama.cpp and Ollama speak it). */
import type { GenerateOptions, Message, Prompt } from '../engine.ts';
import { BackendError } from '#base/backend-error.ts';

/** What one request asks for. */
export interface Question {
	readonly model: string;
	readonly prompt: Prompt;
	readonly options: GenerateOptions;
	readonly seed: number;
	readonly choices: number;
	readonly stream: boolean;
	readonly logprobs: boolean;
	/** Where regular expressions are taken. */
	readonly expressions: 'refused' | 'vllm';
}

/** The JSON of a request; a plain text is a message of the user. What is not asked for is not named. */
export function requestBody(question: Question): Readonly<Record<string, unknown>> {
	const { model, prompt, options, stream } = question;
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

/** Servers want the id of a call with a tool's output; no tool is declared, so that its output comes as the user's. */
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
