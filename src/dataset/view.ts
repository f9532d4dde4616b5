/** @file Rows as the model sees them: the template applied, what of it is learnt, what the context cuts off, and lengths in tokens. */
import { ChatTemplateError } from '#model/chat-template.ts';
import { trainedSpans } from '#training/data/chat-rows.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { writeRow, type WriteOptions } from '#training/data/write-rows.ts';
import type { Lesson } from './row.ts';

/** A stretch of a row's text. */
export interface ViewPiece {
	readonly text: string;
	readonly state: 'read' | 'learnt' | 'cut';
}

export interface RowView {
	readonly pieces: readonly ViewPiece[];
	/** In all, cut ones included. */
	readonly tokens: number;
	/** Of those that fit. */
	readonly learnt: number;
	/** Why nothing of it is learnt. */
	readonly fault?: string;
}

/** The row that is learnt of a lesson; undefined for a bad answer. */
export function learntRow(lesson: Lesson): TrainingRow | undefined {
	switch (lesson.kind) {
		case 'answer':
			return lesson.row;
		case 'judged':
			return lesson.good ? lesson.row : undefined;
		case 'preference': {
			const { prompt, chosen, rejected } = lesson;
			if (typeof prompt === 'string' && typeof chosen === 'string' && typeof rejected === 'string')
				return { prompt, completion: chosen, rejected };
			if (typeof prompt === 'string' || typeof chosen === 'string' || typeof rejected === 'string')
				return undefined;
			return { prompt, completion: chosen, rejected };
		}
		default:
			return lesson satisfies never;
	}
}

/** The row's text in stretches; tokens that no text has (a start or an end) are counted and not shown. */
export function viewRow(row: TrainingRow, options: WriteOptions): RowView {
	try {
		const { text, spans } = trainedSpans(row, options.chat);
		const { sample } = writeRow(row, { ...options, maxTokens: Infinity });
		const tokens = sample?.tokens.length ?? options.tokenizer.encode(text).length;
		const learnt = sample?.mask.slice(0, options.maxTokens).reduce((sum, one) => sum + one, 0) ?? 0;
		const end = tokens > options.maxTokens ? cutOf(text, options) : text.length;
		const fault =
			learnt > 0 ? {} : { fault: `nothing to learn within ${options.maxTokens} tokens` };
		return { pieces: piecesOf(text, spans, end), tokens, learnt, ...fault };
	} catch (error) {
		if (!(error instanceof ChatTemplateError)) throw error;
		return { pieces: [], tokens: 0, learnt: 0, fault: error.message };
	}
}

/** Characters that fit into the context. */
function cutOf(text: string, { tokenizer, maxTokens, startTokens = [] }: WriteOptions): number {
	let [low, high] = [0, text.length];
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		const fits = tokenizer.encode(text.slice(0, middle)).length + startTokens.length <= maxTokens;
		if (fits) low = middle;
		else high = middle - 1;
	}
	return low;
}

function piecesOf(
	text: string,
	spans: readonly (readonly [from: number, to: number])[],
	end: number,
): readonly ViewPiece[] {
	const pieces: ViewPiece[] = [];
	const add = (from: number, to: number, state: ViewPiece['state']): void => {
		if (to > from) pieces.push({ text: text.slice(from, to), state });
	};
	let at = 0;
	for (const [from, to] of spans) {
		add(at, Math.min(from, end), 'read');
		add(Math.min(from, end), Math.min(to, end), 'learnt');
		at = Math.min(to, end);
	}
	add(at, end, 'read');
	add(end, text.length, 'cut');
	return pieces;
}

/** Lengths of rows in tokens, by powers of two. */
export interface Lengths {
	/** Rows that were counted: all, or some of many. */
	readonly counted: number;
	/** `[up to tokens, rows]`, ascending. */
	readonly bins: readonly (readonly [upTo: number, rows: number])[];
	readonly longest: number;
	/** Mean of the counted rows, at most `maxTokens` each. */
	readonly mean: number;
	/** Rows that lose learnt tokens at their end, and rows without any that fit. */
	readonly cut: number;
	readonly leftOut: number;
	/** Of the first row that this model cannot learn from. */
	readonly fault?: string;
}

/** Rows that are encoded for the lengths at most. */
const mostCounted = 2000;

/** Lengths of the rows, of some evenly chosen ones if there are many; `pause` lets others work in between. */
export async function lengthsOf(
	rows: readonly TrainingRow[],
	options: WriteOptions,
	pause: () => Promise<void> = () => Promise.resolve(),
): Promise<Lengths> {
	const every = Math.max(1, rows.length / mostCounted);
	const counts = new Map<number, number>();
	let [counted, longest, sum, cut, leftOut] = [0, 0, 0, 0, 0];
	let fault: string | undefined;
	for (let i = 0; i < rows.length; i += every) {
		const row = rows[Math.floor(i)];
		if (!row) break;
		if (counted % 50 === 49) await pause();
		counted++;
		const view = measured(row, options);
		if (typeof view === 'string') {
			fault ??= view;
			leftOut++;
			continue;
		}
		const { tokens, isCut, learns } = view;
		const bin = 2 ** Math.max(3, Math.ceil(Math.log2(Math.max(1, tokens))));
		counts.set(bin, (counts.get(bin) ?? 0) + 1);
		longest = Math.max(longest, tokens);
		sum += Math.min(tokens, options.maxTokens);
		if (isCut) cut++;
		if (!learns) leftOut++;
	}
	return {
		counted,
		bins: [...counts].sort((a, b) => a[0] - b[0]),
		longest,
		mean: counted > 0 ? sum / counted : 0,
		cut,
		leftOut,
		...(fault !== undefined && { fault }),
	};
}

function measured(row: TrainingRow, options: WriteOptions) {
	try {
		const { sample } = writeRow(row, { ...options, maxTokens: Infinity });
		const mask = sample?.mask ?? [];
		return {
			tokens: mask.length,
			isCut: mask.includes(1, options.maxTokens),
			learns: mask.slice(0, options.maxTokens).includes(1, 1),
		};
	} catch (error) {
		if (error instanceof ChatTemplateError) return error.message;
		throw error;
	}
}
