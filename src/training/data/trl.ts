/** @file JSONL in TRL's formats as training rows, with tokens and loss mask. */
import {
	readTrainingRow,
	trainedSpans,
	trainedTokens,
	TrainingRowError,
	type TrainedChat,
	type TrainingRow,
} from '#training/data/chat-rows.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import type { Sample } from './sample.ts';

/** Reads JSONL; empty lines are skipped. */
export function readTrlRows(jsonl: string): readonly TrainingRow[] {
	const rows = jsonl
		.split(/\r?\n/)
		.flatMap((line, i) => (line.trim() === '' ? [] : [readLine(line, `Line ${i + 1}`)]));
	if (rows.length === 0)
		throw new TrainingRowError('The data holds no row; write one JSON object on each line.');
	return rows;
}

function readLine(line: string, where: string): TrainingRow {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		throw new TrainingRowError(`${where}: is not JSON; write one JSON object on each line.`);
	}
	return readTrainingRow(value, where);
}

/** Tokenizer options of rows. */
export interface WriteOptions {
	readonly tokenizer: TextTokenizer;
	/** Longer rows are cut at the end. */
	readonly maxTokens: number;
	/** Tokens before a text without template; default none. */
	readonly startTokens?: readonly number[];
	readonly chat: TrainedChat;
}

/** The row as a sample; null if no trained token fits into `maxTokens`. */
export function writeRow(row: TrainingRow, options: WriteOptions): Sample | null {
	const { tokenizer, maxTokens, startTokens, chat } = options;
	const { tokens, mask } = trainedTokens(trainedSpans(row, chat), tokenizer, startTokens);
	const sample = { tokens: tokens.slice(0, maxTokens), mask: mask.slice(0, maxTokens) };
	// The first token has no context, so it cannot be trained on.
	return sample.mask.includes(1, 1) ? sample : null;
}
