/** @file From prompts to tokens and back: what every engine of ours does before and after its model runs. */
import type { ModelSpec } from '#model/model-spec.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { Generation, GenerateOptions, Prompt } from '../engine.ts';
import { promptText, type Render } from '../prompt-text.ts';
import { roomFor, type AnswerRoom } from './open-answer.ts';

/** How a model reads and writes. */
export interface Language {
	readonly spec: ModelSpec;
	readonly tokenizer: TextTokenizer;
	/** Tokens that end an answer; `spec.endToken` alone by default. */
	readonly endTokens?: readonly number[];
	/** Writes a chat as this model's template says; without it, messages are refused. */
	readonly render?: Render;
}

/** A prompt whose answer has room. */
export interface Asked {
	/** Place in the caller's list. */
	readonly index: number;
	readonly tokens: readonly number[];
	readonly room: AnswerRoom;
}

/** A text whose tokens from `head` on are scored; the first token of all has nothing before it and is not. */
export interface ScoredRow {
	/** Place in the caller's list. */
	readonly index: number;
	readonly tokens: readonly number[];
	readonly head: number;
}

/** Hears the answer to the prompt at a place, once. */
export type Tell = (index: number, answer: Generation) => void;

/** An answer of which nothing was said. */
export const emptyAnswer = (stopReason: 'context' | 'aborted'): Generation => ({
	text: '',
	tokens: [],
	logprobs: [],
	stopReason,
});

/** The tokens of a prompt and the room for its answer; undefined where there is none. */
export function askedOf(
	{ spec, tokenizer, render }: Language,
	prompt: Prompt,
	index: number,
	maxTokens: number,
): Asked | undefined {
	const tokens = tokenizer.encode(promptText(prompt, render));
	const room = roomFor(tokens.length, maxTokens, spec.contextLength);
	return room && { index, tokens, room };
}

/** The answers in the order of the prompts, as `answer` tells of them; a prompt without room is answered at once. */
export async function answerAll(
	language: Language,
	prompts: readonly Prompt[],
	options: GenerateOptions,
	answer: (asked: readonly Asked[], tell: Tell) => Promise<void>,
): Promise<readonly Generation[]> {
	const answers: Generation[] = prompts.map(() => emptyAnswer('context'));
	const asked = prompts.flatMap(
		(prompt, index) => askedOf(language, prompt, index, options.maxTokens) ?? [],
	);
	let done = prompts.length - asked.length;
	const promptTokens = new Map(asked.map(({ index, tokens }) => [index, tokens]));
	await answer(asked, (index, generation) => {
		answers[index] = { ...generation, promptTokens: promptTokens.get(index) ?? [] };
		options.onProgress?.(++done, prompts.length);
	});
	return answers;
}

/** Completions behind their prompts, as tokens. */
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

/** The place whose logits are for the first scored token. */
export const firstPlace = ({ head }: ScoredRow): number => Math.max(0, head - 1);
/** How many tokens of a row are scored. */
export const placesOf = (row: ScoredRow): number =>
	Math.max(0, row.tokens.length - 1 - firstPlace(row));
