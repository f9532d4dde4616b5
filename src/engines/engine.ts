/**
 * @file Engine interface: prompts to text, without knowledge of tasks, rounds or training.
 *
 * A policy engine also takes new weights without a reload, so that one model can both generate and train.
 */
import type { AnswerForm, Grammar } from '#base/answer-form.ts';
import type { Message, Prompt } from '#base/prompt.ts';
import type { Adapter } from '#model/adapter.ts';
import type { CacheBudget } from './kv-cache/budget.ts';
import type { KeptTokens } from './kv-cache/compress.ts';

export type { AnswerForm, CacheBudget, KeptTokens, Message, Prompt };

/**
 * Reason why an answer ended. `context`: the model's context was full before `maxTokens`; without text, already after the
 * prompt.
 */
export type StopReason = 'stop' | 'length' | 'context' | 'aborted';

/** One answer. `logprobs[i]` (nats) belongs to `tokens[i]`; both are empty if an engine cannot tell. */
export interface Generation {
	readonly text: string;
	/** The prompt's tokens; absent if an engine has none. */
	readonly promptTokens?: readonly number[];
	/** The sampled tokens, the end token included. */
	readonly tokens: readonly number[];
	readonly logprobs: readonly number[];
	readonly stopReason: StopReason;
	/** Of a streamed answer under a budget: the prompt's tokens that were left in the KV cache, `[layer][keyValueHead]`. */
	readonly kept?: KeptTokens;
}

export interface GenerateOptions {
	/** Longest answer in tokens. If the context has room for fewer, an answer that needs more ends as `context`. */
	readonly maxTokens: number;
	/** 0 is greedy. */
	readonly temperature?: number;
	readonly topK?: number;
	readonly topP?: number;
	/** Tokens less likely than this times the most likely one are not drawn (Nguyen et al. 2024, arXiv 2407.01082). */
	readonly minP?: number;
	/** Above 1, tokens of the prompt and answer become less likely (Keskar et al. 2019, arXiv 1909.05858). */
	readonly repetitionPenalty?: number;
	/** Stop texts: an answer ends before the first of them and does not include it. */
	readonly stop?: readonly string[];
	/** Grammar that constrains sampling; an engine that does not support it refuses. */
	readonly form?: AnswerForm;
	/** Sequence `i` of a batch samples from `derive(seed, i)`: batch size never changes an answer. */
	readonly seed?: number;
	/** KV cache kept of a long prompt, after SnapKV; all of it if absent. An engine that keeps all of it anyway refuses. */
	readonly cache?: CacheBudget;
	readonly signal?: AbortSignal;
	/** Called as answers finish; `done` counts prompts. */
	readonly onProgress?: (done: number, total: number) => void;
}

/** A piece of a streamed answer. */
export interface TokenPiece {
	readonly token: number;
	readonly text: string;
	readonly logprob: number;
}

export interface Engine {
	readonly name: string;
	/** Description for people: `wasm, 2 workers`, `WebGPU (adapter name)`, `scripted`. */
	readonly description: string;
	/** Grammars that it supports; all if absent. */
	readonly forms?: readonly AnswerForm['kind'][];
	/** True if it can keep a part of a prompt's KV cache (`GenerateOptions.cache`). */
	readonly takesBudget?: boolean;
	/** Answers in prompt order. An aborted call resolves; unfinished answers have the stop reason `aborted`. */
	generate(prompts: readonly Prompt[], options: GenerateOptions): Promise<readonly Generation[]>;
	/** One answer, token by token; stops within one token of an abort. */
	stream(prompt: Prompt, options: GenerateOptions): AsyncGenerator<TokenPiece, Generation>;
	dispose(): Promise<void>;
}

export interface PolicyOptions extends GenerateOptions {
	/**
	 * Grammar of each prompt's answer, in the order of the prompts; null leaves an answer free, and so does a grammar whose
	 * automaton is too large.
	 */
	readonly grammars?: readonly (Grammar | null)[];
}

/** A row of tokens whose tokens from `from` (at least 1) on are scored. */
export interface TokenRow {
	readonly tokens: readonly number[];
	readonly from: number;
}

/** Scores of the tokens of a row from `from` on. */
export interface TokenScores {
	/** [N] nats. */
	readonly logprobs: Float32Array;
	/** [N, k]: the k likeliest tokens in each place, the likeliest first; of equals the smaller id. */
	readonly likeliest: Int32Array;
}

/** An engine with local weights: it scores text, takes an adapter, and holds each answer to a grammar of its own. */
export interface PolicyEngine extends Engine {
	generate(prompts: readonly Prompt[], options: PolicyOptions): Promise<readonly Generation[]>;
	/** Log-probability in nats of each completion token given its context. */
	score(
		pairs: readonly { readonly prompt: Prompt; readonly completion: string }[],
		options?: { readonly signal?: AbortSignal },
	): Promise<readonly Float32Array[]>;
	/**
	 * Scores rows of tokens as they are, in their order; `likeliest` tokens of each place are named, 1 by default. Absent if
	 * the engine does not show its logits.
	 */
	scoreTokens?(
		rows: readonly TokenRow[],
		options?: { readonly likeliest?: number; readonly signal?: AbortSignal },
	): Promise<readonly TokenScores[]>;
	/** Sets the adapter for the next answer; `null` is the base model. */
	setAdapter(adapter: Adapter | null): Promise<void>;
}
