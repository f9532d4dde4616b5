/** @file Budget of a prompt's KV cache as a caller asks for it, and the selection that it means for one prompt. */
import { BackendError } from '#base/backend-error.ts';
import type { KvBudget } from '#base/limits.ts';
import type { Message, Prompt } from '#base/prompt.ts';
import type { Pool } from './pool.ts';
import type { Selection } from './select.ts';

/** Tokens of a prompt below which its KV cache is never compressed: there it costs nothing to keep. */
export const fewestTokens = 1024;

/** Tokens of the window if it is `auto`: at least and at most. */
export const autoWindow = { least: 8, most: 64 } as const;

/** A budget as engines take it: below 1 it is a share of the prompt. */
export interface CacheBudget extends KvBudget {
	/** What was asked, if the prompt is a chat that is rendered already. */
	readonly question?: string;
	readonly pool?: Pool;
	readonly group?: Selection['group'];
	readonly sinks?: number;
	readonly method?: Selection['method'];
	readonly seed?: number;
	/** Shortest prompt that is compressed; only tests set it. */
	readonly fewest?: number;
}

/**
 * The selection for a prompt of `length` tokens that ends with a question of `question` tokens; undefined if all tokens
 * are kept.
 */
export function selectionFor(
	budget: CacheBudget,
	length: number,
	question: number,
): Selection | undefined {
	if (length < (budget.fewest ?? fewestTokens)) return undefined;
	const kept = budget.budget < 1 ? Math.ceil(budget.budget * length) : Math.floor(budget.budget);
	if (kept >= length) return undefined;
	const { least, most } = autoWindow;
	return {
		method: budget.method ?? 'snapkv',
		budget: kept,
		window: budget.window === 'auto' ? Math.min(most, Math.max(least, question)) : budget.window,
		sinks: budget.sinks ?? 0,
		kernel: budget.kernel,
		pool: budget.pool ?? 'average',
		group: budget.group ?? 'mean',
		seed: budget.seed ?? 0,
	};
}

/**
 * Where the question starts in the text of a prompt: at the last line with a character of the last message by a user, so
 * that what the template adds behind it counts too; for plain text, at its last line. `question` is that message, if the
 * prompt does not tell it.
 */
export function questionStart(prompt: Prompt, text: string, question?: string): number {
	const asked = question ?? (typeof prompt === 'string' ? prompt : lastQuestion(prompt));
	const line = asked.trimEnd().split('\n').at(-1) ?? '';
	return line === '' ? text.length : Math.max(0, text.lastIndexOf(line));
}

const lastQuestion = (messages: readonly Message[]): string =>
	messages.findLast(({ role }) => role === 'user')?.content ?? messages.at(-1)?.content ?? '';

/** The refusal of an engine that cannot drop tokens of its KV cache, nor hold it in fewer bits. */
export const noBudget = (engine: string): BackendError =>
	new BackendError(
		'not-available',
		`${engine} keeps the whole KV cache of a prompt in 32 bits; only the kernel can keep a part or fewer bits. Open the model in 4 or 8 bits on the kernel, or leave out the budget and the type.`,
	);
