/**
 * @file Rows of text in TRL's formats made into tokens to train on: prompt and completion (texts or messages), or messages.
 *
 * A text is encoded piece by piece, cut where training begins and ends, as the pieces are when the model speaks.
 */
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { WeightedRow } from './batch.ts';

/** What is said by whom. */
export interface Turn {
	readonly role: string;
	readonly content: string;
}

/** `text`: the completion is learnt, then the end token. `chat`: what the assistant says from turn `from` on is. */
export type TrlRow =
	| { readonly kind: 'text'; readonly prompt: string; readonly completion: string }
	| { readonly kind: 'chat'; readonly turns: readonly Turn[]; readonly from: number };

/** A line that is not a row; the message says which line and what is allowed. */
export class TrlRowError extends Error {
	constructor(message: string) {
		super(message);
		this.name = 'TrlRowError';
	}
}

/** Reads JSONL; empty lines are skipped. */
export function readTrlRows(jsonl: string): readonly TrlRow[] {
	const rows = jsonl
		.split(/\r?\n/)
		.flatMap((line, i) => (line.trim() === '' ? [] : [readRow(line, i + 1)]));
	if (rows.length === 0)
		throw new TrlRowError('The data holds no row; write one JSON object on each line.');
	return rows;
}

function readRow(line: string, number: number): TrlRow {
	const fail = (problem: string): never => {
		throw new TrlRowError(
			`Line ${number} ${problem}; a row is {"prompt": …, "completion": …} (texts or messages) or {"messages": […]}.`,
		);
	};
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return fail('is not JSON');
	}
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		return fail('is not an object');
	const { prompt, completion, messages } = value as Readonly<Record<string, unknown>>;
	const turns = (list: unknown, what: string): readonly Turn[] => {
		if (!Array.isArray(list) || list.length === 0) return fail(`has no ${what}`);
		return list.map((turn: unknown) => {
			const { role, content } = (turn ?? {}) as Readonly<Record<string, unknown>>;
			return typeof role === 'string' && typeof content === 'string'
				? { role, content }
				: fail(`has a message without role or content in ${what}`);
		});
	};
	const row: TrlRow =
		messages !== undefined
			? { kind: 'chat', turns: turns(messages, 'messages'), from: 0 }
			: typeof prompt === 'string' && typeof completion === 'string'
				? { kind: 'text', prompt, completion }
				: {
						kind: 'chat',
						turns: [...turns(prompt, 'prompt'), ...turns(completion, 'completion')],
						from: Array.isArray(prompt) ? prompt.length : 0,
					};
	if (row.kind === 'text' && row.completion === '') return fail('has an empty completion');
	if (row.kind === 'chat' && !row.turns.slice(row.from).some(({ role }) => role === 'assistant'))
		return fail('has nothing that the assistant says');
	return row;
}

export interface WriteOptions {
	readonly tokenizer: TextTokenizer;
	/** Longer rows are cut at the end. */
	readonly maxTokens: number;
	/** Stand before every row, e.g. the token that begins a text; default none. */
	readonly begin?: readonly number[];
	/** Writes turns down as the model's template does; `open` ends with the start of the assistant's turn. */
	readonly chat?: (turns: readonly Turn[], open: boolean) => string;
}

/** Tokens with weight 1 where the row teaches; null where nothing that teaches fits into `maxTokens`. */
export function writeRow(row: TrlRow, options: WriteOptions): WeightedRow | null {
	const { tokenizer, maxTokens, begin = [] } = options;
	const tokens = [...begin];
	const teaches = begin.map(() => false);
	const put = (piece: readonly number[], learnt: boolean): void => {
		for (const token of piece) {
			tokens.push(token);
			teaches.push(learnt);
		}
	};
	if (row.kind === 'text') {
		put(tokenizer.encode(row.prompt), false);
		put(tokenizer.encode(row.completion), true);
		put([tokenizer.endToken], true);
	} else for (const { text, learnt } of pieces(row, options)) put(tokenizer.encode(text), learnt);
	// The first token follows nothing, so it cannot be learnt.
	const weights = teaches.slice(1, maxTokens).map(Number);
	return weights.includes(1) ? { tokens: tokens.slice(0, maxTokens), weights } : null;
}

/** A conversation's text, cut before and after each answer that teaches. */
function pieces(
	{ turns, from }: Extract<TrlRow, { kind: 'chat' }>,
	{ chat }: WriteOptions,
): readonly { readonly text: string; readonly learnt: boolean }[] {
	if (!chat)
		throw new TrlRowError(
			'The model has no chat template; use rows of prompt and completion as texts.',
		);
	const found: { text: string; learnt: boolean }[] = [];
	let done = '';
	const upTo = (text: string, learnt: boolean): void => {
		if (!text.startsWith(done))
			throw new TrlRowError(
				'The chat template rewrites earlier turns as a conversation grows; use rows with one answer each.',
			);
		if (text.length > done.length) found.push({ text: text.slice(done.length), learnt });
		done = text;
	};
	turns.forEach(({ role }, i) => {
		if (i < from || role !== 'assistant') return;
		upTo(chat(turns.slice(0, i), true), false);
		upTo(chat(turns.slice(0, i + 1), false), true);
	});
	return found;
}
