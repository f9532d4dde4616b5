/** @file Rows of a training in TRL's formats, all rows of a file in one form: prompt and completion, or prompt and two answers. */
import { trainedSpans, type TrainedChat } from '#training/data/chat-rows.ts';
import type { TrainingRow, TrainingTurn } from '#training/data/training-row.ts';
import { withCompletion } from '#training/data/write-rows.ts';

type Part = string | readonly TrainingTurn[];

/** One completion that is learnt after its prompt. */
interface Continuation {
	readonly prompt: Part;
	readonly completion: Part;
}

export interface TrlRows {
	/** Lines of JSON without line ends; row `i` of ours may be several of them. */
	readonly sft: readonly (readonly string[])[];
	readonly dpo: readonly string[];
}

/**
 * Rows as TRL trains them. A conversation with several answers becomes a row for each. Conversations stay messages where
 * all rows are; beside rows of text they are written out by the model's template.
 */
export function trlRows(rows: readonly TrainingRow[], chat: TrainedChat): TrlRows {
	const areMessages = rows.every((row) => 'messages' in row || typeof row.prompt !== 'string');
	const written = (row: TrainingRow): readonly Continuation[] =>
		areMessages ? continuationsOf(row) : asText(row, chat);
	const pairs = rows.filter(({ rejected }) => rejected !== undefined);
	return {
		sft: rows
			.filter(({ rejected }) => rejected === undefined)
			.map((row) =>
				written(row).map(({ prompt, completion }) =>
					JSON.stringify({ prompt: plain(prompt), completion: plain(completion) }),
				),
			),
		dpo: pairs.flatMap((row) => {
			const other = row.rejected === undefined ? undefined : withCompletion(row, row.rejected);
			const [better, worse] = [written(row)[0], other && written(other)[0]];
			if (!better || !worse) return [];
			const [prompt, chosen] = [plain(better.prompt), plain(better.completion)];
			return [JSON.stringify({ prompt, chosen, rejected: plain(worse.completion) })];
		}),
	};
}

const plain = (part: Part): unknown =>
	typeof part === 'string'
		? part
		: part.map(({ fields, role, content }) => ({ ...fields, role, content }));

function continuationsOf(row: TrainingRow): readonly Continuation[] {
	if ('messages' in row)
		return row.messages.flatMap((turn, i) =>
			turn.role === 'assistant' && turn.taught !== false
				? [{ prompt: row.messages.slice(0, i), completion: [turn] }]
				: [],
		);
	return [{ prompt: row.prompt, completion: row.completion }];
}

/** The text that the model reads, cut at each answer; the end mark belongs to the answer. */
function asText(row: TrainingRow, chat: TrainedChat): readonly Continuation[] {
	const { text, spans } = trainedSpans(row, chat);
	return spans.map(([from, to]) => ({
		prompt: text.slice(0, from),
		completion: text.slice(from, to),
	}));
}
