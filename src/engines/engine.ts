/**
 * @file Who answers. An engine turns prompts into text; it knows nothing of tasks, rounds or training.
 *
 * A policy engine also takes new weights without a reload, which is what makes one model speak and learn.
 */
import type { Message, Prompt } from '#base/prompt.ts';
import type { Adapter } from '#model/adapter.ts';

export type { Message, Prompt };

/**
 * Why an answer ended. `context`: the model's context was full, before `maxTokens` were said; without text, already with
 * the prompt.
 */
export type StopReason = 'stop' | 'length' | 'context' | 'aborted';

/** One answer. `logprobs[i]` (nats) belongs to `tokens[i]`; both are empty if an engine cannot tell. */
export interface Generation {
	readonly text: string;
	/** The prompt as the model read it; absent if an engine cannot tell. */
	readonly promptTokens?: readonly number[];
	/** The sampled tokens, the end token included. */
	readonly tokens: readonly number[];
	readonly logprobs: readonly number[];
	readonly stopReason: StopReason;
}

export interface GenerateOptions {
	/** Tokens of the longest answer. Where the context has room for fewer, an answer that needs more ends as `context`. */
	readonly maxTokens: number;
	/** 0 is greedy. */
	readonly temperature?: number;
	readonly topK?: number;
	readonly topP?: number;
	/** Tokens less likely than this times the likeliest one are not drawn (Nguyen et al. 2024, arXiv 2407.01082). */
	readonly minP?: number;
	/** Above 1, tokens that were said already become less likely (Keskar et al. 2019, arXiv 1909.05858). */
	readonly repetitionPenalty?: number;
	/** An answer ends before the first of these texts; they are left out of it. */
	readonly stop?: readonly string[];
	/** Only answers of this form can be sampled; an engine that cannot keep to it refuses. */
	readonly form?: AnswerForm;
	/** Sequence `i` of a batch samples from `derive(seed, i)`: batch size never changes an answer. */
	readonly seed?: number;
	readonly signal?: AbortSignal;
	/** Called as answers finish; `done` counts prompts. */
	readonly onProgress?: (done: number, total: number) => void;
}

/** What an answer may look like: JSON of a schema, or a text that a regular expression matches as a whole. */
export type AnswerForm =
	| { readonly kind: 'json-schema'; readonly schema: unknown }
	| { readonly kind: 'expression'; readonly source: string };

/** A piece of a streamed answer. */
export interface TokenPiece {
	readonly token: number;
	readonly text: string;
	readonly logprob: number;
}

export interface Engine {
	readonly name: string;
	/** For people: `wasm, 2 workers`, `WebGPU (adapter name)`, `scripted`. */
	readonly description: string;
	/** The kinds of forms that it can keep to; all where it does not say. */
	readonly forms?: readonly AnswerForm['kind'][];
	/** Answers in the order of the prompts. An aborted call resolves; unfinished ones say `aborted`. */
	generate(prompts: readonly Prompt[], options: GenerateOptions): Promise<readonly Generation[]>;
	/** One answer, token by token; stops within one token of an abort. */
	stream(prompt: Prompt, options: GenerateOptions): AsyncGenerator<TokenPiece, Generation>;
	dispose(): Promise<void>;
}

/** An engine whose weights we hold: it scores text and takes an adapter. */
export interface PolicyEngine extends Engine {
	/** Log-probability in nats of each completion token given what stands before it. */
	score(
		pairs: readonly { readonly prompt: Prompt; readonly completion: string }[],
		options?: { readonly signal?: AbortSignal },
	): Promise<readonly Float32Array[]>;
	/** The next answer uses these weights; `null` is the base model. */
	setAdapter(adapter: Adapter | null): Promise<void>;
}
