/** @file One file as rows, problems and facts: chooses its reader by the choice of the person, its name and its first bytes. */
import { dataLimits } from '#base/limits.ts';
import { isRecord } from '#base/untrusted/is-record.ts';
import { TrainingRowError } from '#training/data/training-row.ts';
import { DataError, type FormatName } from './formats.ts';
import type { DataFile, FileChoice, ImportedFile } from './imported.ts';
import { columnsOf } from './readers/columns.ts';
import { encodingOf, startOf, textOf, wholeText } from './readers/decode.ts';
import { elementsOf, linesOf, type Piece } from './readers/json-values.ts';
import { otherFormat } from './readers/other-formats.ts';
import { partsOf, textOfHtml } from './readers/prose.ts';
import { openTable } from './readers/table.ts';
import { readTelegram } from './readers/telegram.ts';
import { authorsOf, sessionsOf, type ChatMessage } from './readers/turns.ts';
import { formatOfValue, here, readValue } from './readers/values.ts';
import type { ReadLesson } from './row.ts';
import { isWhatsApp, readWhatsApp } from './readers/whatsapp.ts';

/** Parts of the result, in the order of the file. */
export type Found =
	| ({ readonly kind: 'row'; readonly line: number } & ReadLesson)
	| { readonly kind: 'problem'; readonly line: number; readonly message: string }
	| {
			readonly kind: 'about';
			readonly about: Omit<ImportedFile, 'name' | 'size' | 'rows' | 'problems'>;
	  };

/** Reads a file; throws a DataError if nothing of the rest can be read. */
export async function* readFile(file: DataFile, choice: FileChoice): AsyncGenerator<Found> {
	const start = await startOf(file.blob);
	const other = otherFormat(start);
	if (other !== undefined) throw new DataError(other);
	const encoding = encodingOf(start);
	if (encoding.guessed)
		yield {
			kind: 'problem',
			line: 0,
			message:
				'is not valid UTF-8 and is read as Windows-1252; save it as UTF-8 if letters look wrong',
		};
	const pieces = (): AsyncGenerator<string> => textOf(file.blob, encoding);
	const sample = new TextDecoder(encoding.name).decode(start);
	switch (wayOf(file.name, sample, choice.format)) {
		case 'table':
			yield* readTable(pieces(), choice);
			return;
		case 'lines':
			yield* readValues(linesOf(pieces()), choice);
			return;
		case 'list':
			yield* readValues(elementsOf(pieces()), choice);
			return;
		case 'object': {
			const text = await whole(pieces());
			// What begins over several lines may be damaged lines after all.
			if (isRecord(parsed(text))) yield* readValues(one({ text, line: 1 }), choice);
			else yield* readValues(linesOf(pieces()), choice);
			return;
		}
		case 'whatsapp':
			yield* readChat(readWhatsApp(await whole(pieces())), 'whatsapp', file.name, choice);
			return;
		case 'html':
			yield* readProse(textOfHtml(await whole(pieces())), file.name);
			return;
		case 'prose':
			yield* readProse(await whole(pieces()), file.name);
	}
}

type Way = 'table' | 'lines' | 'list' | 'object' | 'whatsapp' | 'html' | 'prose';

function wayOf(name: string, sample: string, format: FormatName | undefined): Way {
	const ending = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
	if (format === 'prose') return /^html?$/.test(ending) ? 'html' : 'prose';
	if (format === 'whatsapp') return 'whatsapp';
	if (['csv', 'tsv', 'tab'].includes(ending)) return 'table';
	const first = sample.replace(/^\ufeff/, '').trimStart();
	const isJson = ['jsonl', 'ndjson', 'json'].includes(ending);
	if (isJson || (format !== undefined && /^[[{]/.test(first))) {
		if (first.startsWith('[')) return 'list';
		return /^\{\s*[\r\n]/.test(first) ? 'object' : 'lines';
	}
	if (/^html?$/.test(ending)) return 'html';
	if (isWhatsApp(sample.slice(0, 1 << 14))) return 'whatsapp';
	if (format !== undefined) return 'table';
	// A name that says nothing: rows of JSON are told by their first line.
	const [line = ''] = first.split(/\r\n|\n|\r/, 1);
	if (isRecord(parsed(line)) && formatOfValue(parsed(line)) !== undefined) return 'lines';
	return 'prose';
}

const whole = (pieces: AsyncIterable<string>): Promise<string> =>
	wholeText(
		pieces,
		dataLimits.wholeCharacters,
		() =>
			new DataError(
				`has more than ${Math.round(dataLimits.wholeCharacters / 2 ** 20)} million characters, which must be read as a whole; split it`,
			),
	);

async function* one(piece: Piece): AsyncGenerator<Piece> {
	yield await Promise.resolve(piece);
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Single JSON values; the format that is told is that of most rows. */
async function* readValues(
	pieces: AsyncIterable<Piece>,
	choice: FileChoice,
): AsyncGenerator<Found> {
	const counts = new Map<FormatName, number>();
	let count = 0;
	for await (const { text, line } of pieces) {
		count++;
		let value: unknown;
		try {
			value = JSON.parse(text);
		} catch (error) {
			yield { kind: 'problem', line, message: notJson(text, error) };
			continue;
		}
		if (isRecord(value) && (choice.format ?? formatOfValue(value)) === 'telegram') {
			for (const { name, messages } of readTelegram(value).chats)
				yield* readChat(messages, 'telegram', name, withMe(choice, readTelegram(value).me));
			return;
		}
		const format = choice.format ?? formatOfValue(value) ?? 'messages';
		counts.set(format, (counts.get(format) ?? 0) + 1);
		yield* rowsOf(() => readValue(value, format, chosenColumns(choice)), line);
	}
	if (count === 0)
		yield {
			kind: 'problem',
			line: 0,
			message: 'The data holds no row; write one JSON object on each line.',
		};
	const [most] = [...counts].sort((a, b) => b[1] - a[1]);
	yield { kind: 'about', about: { format: choice.format ?? most?.[0] ?? 'messages' } };
}

const withMe = (choice: FileChoice, me: string | undefined): FileChoice => ({
	...(me !== undefined && { me }),
	...choice,
});

const chosenColumns = ({ question, answer }: FileChoice) =>
	question !== undefined && answer !== undefined ? { question, answer } : undefined;

function notJson(text: string, error: unknown): string {
	const reason = error instanceof Error ? error.message.replace(/\s+/g, ' ') : 'damaged';
	return text.trimStart().startsWith('{')
		? `is not JSON (${reason.slice(0, 120)}); write one JSON object on each line`
		: 'is not JSON; write one JSON object on each line';
}

/** The rows of one place, or its problem. */
function* rowsOf(read: () => readonly ReadLesson[], line: number): Generator<Found> {
	try {
		for (const lesson of read()) yield { kind: 'row', line, ...lesson };
	} catch (error) {
		if (!(error instanceof DataError) && !(error instanceof TrainingRowError)) throw error;
		const message = error.message.replace(new RegExp(`^${here}: `), '').replace(/\.$/, '');
		yield { kind: 'problem', line, message };
	}
}

async function* readTable(
	pieces: AsyncGenerator<string>,
	choice: FileChoice,
): AsyncGenerator<Found> {
	const { names, rows } = await openTable(pieces);
	const asked =
		chosenColumns(choice) ??
		columnsOf(names) ??
		(names.length === 2 ? { question: names[0] ?? '', answer: names[1] ?? '' } : undefined);
	const header = formatOfValue(Object.fromEntries(names.map((name) => [name.toLowerCase(), 'x'])));
	const ofColumns = chosenColumns(choice) ? 'questions' : undefined;
	const format =
		choice.format ??
		ofColumns ??
		(header === 'preference' || header === 'texts' ? header : 'questions');
	yield {
		kind: 'about',
		about: { format, columns: { names, ...(format === 'questions' && asked) } },
	};
	if (format === 'questions' && !asked)
		throw new DataError(
			`has the columns ${names.slice(0, 8).join(', ')}; say which is the question and which the answer`,
		);
	for await (const { value, line, flaw } of rows) {
		if (flaw !== undefined)
			yield { kind: 'problem', line, message: `${flaw}; this row is left out` };
		else {
			const keyed =
				format === 'questions'
					? value
					: Object.fromEntries(
							Object.entries(value).map(([key, cell]) => [key.toLowerCase(), cell]),
						);
			yield* rowsOf(() => readValue(keyed, format, asked), line);
		}
	}
}

function* readChat(
	messages: readonly ChatMessage[],
	format: 'whatsapp' | 'telegram',
	name: string,
	choice: FileChoice,
): Generator<Found> {
	const authors = authorsOf(messages);
	const me = authors.find(([author]) => author === choice.me)?.[0] ?? authors[0]?.[0];
	yield { kind: 'about', about: { format, authors, ...(me !== undefined && { me }) } };
	if (me === undefined) {
		yield { kind: 'problem', line: 0, message: `${name} holds no message of a person` };
		return;
	}
	const sessions = sessionsOf(messages, me);
	for (const { source, line, lesson } of sessions)
		yield { kind: 'row', line, lesson, source: `${name} ${source ?? line}` };
	if (sessions.length === 0)
		yield { kind: 'problem', line: 0, message: `${name} holds no answer of ${me}` };
}

function* readProse(text: string, source: string): Generator<Found> {
	yield { kind: 'about', about: { format: 'prose' } };
	const parts = partsOf(text);
	for (const { text: completion, line } of parts)
		yield {
			kind: 'row',
			line,
			source,
			lesson: { kind: 'answer', row: { prompt: '', completion } },
		};
	if (parts.length === 0) yield { kind: 'problem', line: 0, message: 'holds no text' };
}
