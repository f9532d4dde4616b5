/** @file JSON values as lessons: their format by their keys, and the reader of each format. */
import { isRecord } from '#base/untrusted/is-record.ts';
import { readTrainingRow } from '#training/data/read-row.ts';
import { readTurns } from '#training/data/read-turns.ts';
import { DataError, type FormatName } from '../formats.ts';
import type { Lesson, ReadLesson, Said } from '../row.ts';
import { readChatGpt } from './chatgpt.ts';
import { readClaude } from './claude.ts';
import { cellOf, columnsOf, type Columns } from './columns.ts';

/** The format of one value by its keys; undefined if it is none that is known. */
export function formatOfValue(value: unknown): FormatName | undefined {
	if (typeof value === 'string') return 'texts';
	if (!isRecord(value)) return undefined;
	const has = (...keys: readonly string[]): boolean =>
		keys.every((key) => value[key] !== undefined && value[key] !== null);
	if (isRecord(value['mapping'])) return 'chatgpt';
	if (Array.isArray(value['chat_messages'])) return 'claude';
	if (isTelegram(value)) return 'telegram';
	if (has('chosen') || has('rejected')) return 'preference';
	if (typeof value['label'] === 'boolean') return 'judged';
	if (has('messages')) return 'messages';
	if (has('conversations') || has('conversation')) return 'sharegpt';
	if (has('instruction')) return 'alpaca';
	if (has('prompt') && has('completion')) return 'prompt-completion';
	if (columnsOf(Object.keys(value))) return 'questions';
	if (has('prompt') || has('completion')) return 'prompt-completion';
	return typeof value['text'] === 'string' ? 'texts' : undefined;
}

/** Telegram Desktop: one chat, or the whole account. */
export const isTelegram = (value: Readonly<Record<string, unknown>>): boolean => {
	const { messages, chats } = value;
	if (isRecord(chats) && Array.isArray(chats['list'])) return true;
	const first: unknown = Array.isArray(messages) ? messages[0] : undefined;
	return isRecord(first) && typeof first['type'] === 'string' && 'date' in first;
};

/** The lessons of one value; throws an error whose message is a clause. */
export function readValue(
	value: unknown,
	format: FormatName,
	columns?: Columns,
): readonly ReadLesson[] {
	switch (format) {
		case 'chatgpt':
			return readChatGpt(value);
		case 'claude':
			return readClaude(value);
		case 'preference':
			return [{ lesson: readPreference(value) }];
		case 'judged':
			return [{ lesson: readJudged(value) }];
		case 'questions':
			return [{ lesson: readQuestion(value, columns) }];
		case 'texts':
			return [answerOf(typeof value === 'string' ? { text: value } : value)];
		case 'prompt-completion':
		case 'messages':
		case 'alpaca':
		case 'sharegpt':
			return [answerOf(value)];
		case 'whatsapp':
		case 'telegram':
		case 'prose':
			throw new DataError(`a file of ${format} is read as a whole; choose another format`);
		default:
			return format satisfies never;
	}
}

/** Begins the errors of `readTrainingRow`; `problemOf` takes it away again. */
export const here = 'Here';

const answerOf = (value: unknown): ReadLesson => ({
	lesson: { kind: 'answer', row: readTrainingRow(value, here) },
});

function readJudged(value: unknown): Lesson {
	if (!isRecord(value) || typeof value['label'] !== 'boolean')
		throw new DataError('has no label of true or false');
	const { label: good, ...row } = value;
	return { kind: 'judged', good, row: readTrainingRow(row, here) };
}

const refuse = (problem: string): never => {
	throw new DataError(problem);
};

/** TRL: a prompt with two continuations, or two conversations that begin alike (implicit prompt). */
function readPreference(value: unknown): Lesson {
	if (!isRecord(value)) return refuse('is not a JSON object');
	const { prompt, chosen, rejected } = value;
	const good = readSaid(chosen, 'chosen');
	const bad = readSaid(rejected, 'rejected');
	if (prompt !== undefined && prompt !== null) {
		const asked = readSaid(prompt, 'prompt');
		const kinds = new Set([asked, good, bad].map((part) => typeof part));
		// The prompt as text and the answers as messages are the usual mixture.
		if (typeof asked === 'string' && typeof good !== 'string' && typeof bad !== 'string')
			return withPrompt([{ role: 'user', content: asked }], good, bad);
		if (kinds.size > 1) return refuse('mixes text and messages in prompt, chosen and rejected');
		return typeof asked === 'string' || typeof good === 'string' || typeof bad === 'string'
			? { kind: 'preference', prompt: asked, chosen: good, rejected: bad }
			: withPrompt(asked, good, bad);
	}
	if (typeof good === 'string' || typeof bad === 'string')
		return refuse('has no prompt beside chosen and rejected');
	return withPrompt([], good, bad);
}

type Turns = Exclude<Said, string>;

/** Some data sets repeat the prompt in both answers. */
function withPrompt(prompt: Turns, chosen: Turns, rejected: Turns): Lesson {
	const same = chosen.findIndex((turn, i) => JSON.stringify(turn) !== JSON.stringify(rejected[i]));
	const shared = same < 0 ? 0 : same;
	const lesson = {
		prompt: shared >= prompt.length ? chosen.slice(0, shared) : prompt,
		chosen: chosen.slice(shared),
		rejected: rejected.slice(shared),
	};
	if (lesson.prompt.length === 0) return refuse('has no prompt beside chosen and rejected');
	if (lesson.rejected.length === 0 || same < 0) return refuse('has the same answer as both sides');
	return { kind: 'preference', ...lesson };
}

function readSaid(value: unknown, name: string): Said {
	if (typeof value === 'string')
		return value.trim() === '' && name !== 'prompt' ? refuse(`the ${name} answer is empty`) : value;
	return readTurns(value, name, refuse);
}

function readQuestion(value: unknown, columns: Columns | undefined): Lesson {
	const names = columns ?? (isRecord(value) ? columnsOf(Object.keys(value)) : undefined);
	if (!names) return refuse('has no columns that are known as question and answer; name them');
	const question = cellOf(value, names.question).trim();
	const answer = cellOf(value, names.answer).trim();
	if (question === '') return refuse(`the column ${names.question} is empty`);
	if (answer === '') return refuse(`the column ${names.answer} is empty: there is no answer`);
	return {
		kind: 'answer',
		row: {
			messages: [
				{ role: 'user', content: question },
				{ role: 'assistant', content: answer },
			],
		},
	};
}
