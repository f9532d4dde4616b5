/** @file Texts to audit: every answer that a data set taught, with what stood before it. */
import type { ModelChat } from '#platform/platform.ts';
import type { TextTokenizer } from '#model/tokenizer.ts';
import { trainedSpans, trainedTokens } from '#training/data/chat-rows.ts';
import type { TrainingRow } from '#training/data/training-row.ts';

/** A text that a model may have learnt by heart. */
export interface AuditText {
	/** Row of the data, from 1. */
	readonly row: number;
	/** Number of the answer in its row, from 1. */
	readonly answer: number;
	/** [N] what is to be said, without end marks. */
	readonly target: readonly number[];
	/** Tokens before it in its row. */
	readonly cue: readonly number[];
	/** Tokens of the target that belong to the cue of the completion test: its opening, if nothing stands before it. */
	readonly opening: number;
	/** System message of its row. */
	readonly system?: string;
	/** The end of a longer text is left out. */
	readonly isCut: boolean;
}

/** Tokenizer and template of a model. */
export interface AuditLanguage {
	readonly tokenizer: TextTokenizer;
	readonly chat?: ModelChat | undefined;
}

/** The answers of rows; a text without any token is none. */
export function auditTexts(
	{ tokenizer, chat }: AuditLanguage,
	rows: readonly TrainingRow[],
	maxTokens: number,
): readonly AuditText[] {
	const template = { template: chat?.template, specialTokens: chat?.specialTokens ?? {} };
	const isMark = (token: number | undefined): boolean =>
		token === undefined || tokenizer.decode([token]).trim() === '';
	return rows.flatMap((row, index) => {
		const { tokens, mask } = trainedTokens(
			trainedSpans(row, template),
			tokenizer,
			chat?.startTokens,
		);
		const system = systemOf(row);
		return runsOf(mask).flatMap(([from, end], i): AuditText[] => {
			let to = end;
			while (to > from && isMark(tokens[to - 1])) to--;
			if (to === from) return [];
			const cue = tokens.slice(0, from);
			const target = tokens.slice(from, Math.min(to, from + maxTokens));
			return [
				{
					row: index + 1,
					answer: i + 1,
					target,
					cue,
					opening: isPlain(row) ? Math.ceil(target.length / 4) : 0,
					...(system !== undefined && { system }),
					isCut: to > from + maxTokens,
				},
			];
		});
	});
}

/** Does nothing of the person's stand before the text? */
const isPlain = (row: TrainingRow): boolean => !('messages' in row) && row.prompt === '';

function systemOf(row: TrainingRow): string | undefined {
	const [first] = 'messages' in row ? row.messages : row.prompt;
	return typeof first === 'object' && first.role === 'system'
		? (first.content ?? undefined)
		: undefined;
}

/** Runs of ones, end exclusive. */
function runsOf(mask: readonly number[]): readonly (readonly [from: number, to: number])[] {
	const runs: [number, number][] = [];
	mask.forEach((value, i) => {
		const last = runs.at(-1);
		if (value !== 1) return;
		if (last?.[1] === i) last[1] = i + 1;
		else runs.push([i, i + 1]);
	});
	return runs;
}
