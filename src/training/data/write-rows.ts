/** @file Training rows as samples of tokens, with a count of what does not fit or is not read. */
import type { TextTokenizer } from '#model/tokenizer.ts';
import { trainedSpans, trainedTokens, type TrainedChat } from './chat-rows.ts';
import type { Sample } from './sample.ts';
import type { TrainingRow, TrainingTurn } from './training-row.ts';

/** Tokenizer options of rows. */
export interface WriteOptions {
	readonly tokenizer: TextTokenizer;
	/** Longer rows are cut at the end. */
	readonly maxTokens: number;
	/** Tokens before a text without template; default none. */
	readonly startTokens?: readonly number[];
	readonly chat: TrainedChat;
}

/** Samples of a data set, and what became of its rows. */
export interface WrittenRows {
	readonly samples: readonly Sample[];
	readonly rows: number;
	/** Rows of which no trained token fits. */
	readonly leftOut: number;
	/** Rows that lose trained tokens at their end. */
	readonly cut: number;
	/** Sentences for the person: rows left out or cut, and keys that nobody reads. */
	readonly notes: readonly string[];
}

/** The row as a sample; null if no trained token fits into `maxTokens`. */
export function writeRow(
	row: TrainingRow,
	options: WriteOptions,
): { readonly sample: Sample | null; readonly isCut: boolean } {
	const { rejected, ...chosen } = row;
	if (rejected !== undefined) return writePair(chosen, rejected, options);
	const { tokenizer, maxTokens, startTokens, chat } = options;
	const { tokens, mask } = trainedTokens(trainedSpans(row, chat), tokenizer, startTokens);
	const sample = {
		tokens: tokens.slice(0, maxTokens),
		mask: mask.slice(0, maxTokens),
		...(row.weight === undefined ? {} : { weight: row.weight }),
	};
	// The first token has no context, so it cannot be trained on.
	return sample.mask.includes(1, 1)
		? { sample, isCut: mask.includes(1, maxTokens) }
		: { sample: null, isCut: false };
}

/** A chosen sample with its rejected one; null if nothing is learnt of either of them. */
function writePair(
	row: TrainingRow,
	rejected: NonNullable<TrainingRow['rejected']>,
	options: WriteOptions,
): ReturnType<typeof writeRow> {
	const other = withCompletion(row, rejected);
	const [better, worse] = [writeRow(row, options), other && writeRow(other, options)];
	if (!better.sample || !worse?.sample) return { sample: null, isCut: false };
	return {
		sample: { ...better.sample, pair: 'chosen', rejected: { ...worse.sample, pair: 'rejected' } },
		isCut: better.isCut || worse.isCut,
	};
}

/** The row with another completion of its kind; undefined if they are of different kinds. */
export function withCompletion(
	row: TrainingRow,
	completion: string | readonly TrainingTurn[],
): TrainingRow | undefined {
	if ('messages' in row) return undefined;
	const { prompt } = row;
	if (typeof prompt === 'string')
		return typeof completion === 'string' ? { prompt, completion } : undefined;
	return typeof completion === 'string' ? undefined : { prompt, completion };
}

/** The rows as samples; those that teach nothing within `maxTokens` are left out and counted. */
export function writeRows(rows: readonly TrainingRow[], options: WriteOptions): WrittenRows {
	const written = rows.map((row) => (row.weight === 0 ? undefined : writeRow(row, options)));
	const samples = written.flatMap((one) => one?.sample ?? []);
	const leftOut = written.filter((one) => one?.sample === null).length;
	const cut = written.filter((one) => one?.isCut).length;
	const weightless = written.filter((one) => one === undefined).length;
	const size = `${options.maxTokens} tokens`;
	const notes = [
		...(leftOut > 0
			? [`${countOf(leftOut, rows)} not fit into ${size} and ${were(leftOut)} left out.`]
			: []),
		...(cut > 0 ? [`Answers in ${cut} of ${rows.length} rows were cut at ${size}.`] : []),
		...(weightless > 0
			? [`${weightless} of ${rows.length} rows have weight 0 and ${were(weightless)} left out.`]
			: []),
		...unreadKeys(rows, options.chat.template ?? ''),
	];
	return { samples, rows: rows.length, leftOut, cut, notes };
}

const countOf = (count: number, { length }: readonly unknown[]): string =>
	`${count} of ${length} rows ${count === 1 ? 'does' : 'do'}`;
const were = (count: number): string => (count === 1 ? 'was' : 'were');

/** Keys of the rows without use, and keys for the template that this template does not name. */
function unreadKeys(rows: readonly TrainingRow[], template: string): readonly string[] {
	const ownWords = new Set(template.match(/[A-Za-z_][A-Za-z_0-9]*/g));
	const counts = new Map<string, number>();
	const count = (sentence: string): void => {
		counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
	};
	for (const row of rows) {
		for (const key of row.unused ?? []) count(`“${key}” is not used`);
		const given = new Set([
			...Object.keys(row.variables ?? {}),
			...turnsOf(row).flatMap(({ fields = {} }) => Object.keys(fields)),
		]);
		for (const key of given)
			if (!ownWords.has(key)) count(`“${key}” is not read by this model’s chat template`);
	}
	return [...counts].map(([sentence, n]) => `${sentence} (${n} of ${rows.length} rows).`);
}

function turnsOf(row: TrainingRow): readonly TrainingTurn[] {
	if ('messages' in row) return row.messages;
	return [row.prompt, row.completion].flatMap((part) => (typeof part === 'string' ? [] : part));
}
