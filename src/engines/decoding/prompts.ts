/** @file Prompts to tokens before decoding, and answers back to the caller: shared by all local engines. */
import type { ModelSpec } from '#model/model-spec.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { CacheBudget, Generation, GenerateOptions, Prompt } from '../engine.ts';
import { questionStart, selectionFor } from '../kv-cache/budget.ts';
import type { Selection } from '../kv-cache/select.ts';
import { promptText, type Render } from '../prompt-text.ts';
import { roomFor, type AnswerRoom } from './open-answer.ts';

/** Tokenizer, end tokens and chat template of a model. */
export interface Language {
	readonly spec: ModelSpec;
	readonly tokenizer: TextTokenizer;
	/** Tokens that end an answer; `spec.endToken` alone by default. */
	readonly endTokens?: readonly number[];
	/** Chat template of the model; without one, messages are refused. */
	readonly render?: Render;
}

/** A tokenised prompt with room for its answer. */
export interface Asked {
	/** Index in the caller's list. */
	readonly index: number;
	readonly tokens: readonly number[];
	readonly room: AnswerRoom;
	/** Tokens of the KV cache to keep; undefined keeps all. */
	readonly selection?: Selection | undefined;
}

/** A text scored from token `head` on; its first token has no context and no score. */
export interface ScoredRow {
	/** Index in the caller's list. */
	readonly index: number;
	readonly tokens: readonly number[];
	readonly head: number;
}

/** Receives the answer to the prompt at `index`, once. */
export type ReportAnswer = (index: number, answer: Generation) => void;

/** An answer without tokens. */
export const emptyAnswer = (stopReason: 'context' | 'aborted'): Generation => ({
	text: '',
	tokens: [],
	logprobs: [],
	stopReason,
});

/** The tokens of a prompt and the room for its answer; undefined if the prompt fills the context. */
export function askedOf(
	{ spec, tokenizer, render }: Language,
	prompt: Prompt,
	index: number,
	{ maxTokens, cache }: Pick<GenerateOptions, 'maxTokens' | 'cache'>,
): Asked | undefined {
	const text = promptText(prompt, render);
	const tokens = tokenizer.encode(text);
	const room = roomFor(tokens.length, maxTokens, spec.contextLength);
	const question = (): number =>
		tokenizer.encode(text.slice(questionStart(prompt, text, cache?.question))).length;
	const selection = cache && selectionOf(cache, tokens.length, question);
	return room && { index, tokens, room, selection };
}

const selectionOf = (
	cache: CacheBudget,
	length: number,
	question: () => number,
): Selection | undefined =>
	selectionFor(cache, length, cache.window === 'auto' ? question() : cache.window);

/** Answers in prompt order, as `answer` reports them; a prompt without room is answered at once. */
export async function answerAll(
	language: Language,
	prompts: readonly Prompt[],
	options: GenerateOptions,
	answer: (asked: readonly Asked[], report: ReportAnswer) => Promise<void>,
): Promise<readonly Generation[]> {
	const answers: Generation[] = prompts.map(() => emptyAnswer('context'));
	const asked = prompts.flatMap((prompt, index) => askedOf(language, prompt, index, options) ?? []);
	let done = prompts.length - asked.length;
	const promptTokens = new Map(asked.map(({ index, tokens }) => [index, tokens]));
	await answer(asked, (index, generation) => {
		answers[index] = { ...generation, promptTokens: promptTokens.get(index) ?? [] };
		options.onProgress?.(++done, prompts.length);
	});
	return answers;
}

/** Prompts with completions as token rows. */
export function scoredRows(
	{ tokenizer, render }: Language,
	pairs: readonly { readonly prompt: Prompt; readonly completion: string }[],
): readonly ScoredRow[] {
	return pairs.map(({ prompt, completion }, index) => {
		const before = promptText(prompt, render);
		const head = tokenizer.encode(before).length;
		return { index, head, tokens: tokenizer.encode(before + completion) };
	});
}

/** Position whose logits predict the first scored token. */
export const firstPlace = ({ head }: ScoredRow): number => Math.max(0, head - 1);
/** Number of scored tokens of a row. */
export const placesOf = (row: ScoredRow): number =>
	Math.max(0, row.tokens.length - 1 - firstPlace(row));
