/** @file Messages of people as conversations to learn from: one's own are the assistant's, breaks of hours part them. */
import type { TrainingTurn } from '#training/data/training-row.ts';
import { DataError } from '../formats.ts';
import type { ReadLesson } from '../row.ts';

/** A message of a messenger. */
export interface ChatMessage {
	readonly author: string;
	readonly text: string;
	/** Milliseconds since 1970; NaN if unknown. */
	readonly at: number;
	readonly line: number;
}

/** After a longer silence a new conversation begins. */
const silence = 6 * 3_600_000;
/** Turns of one row at most: longer conversations would be cut by any context. */
const mostTurns = 40;

/** From the first question to the last answer; turns of one role in a row become one. */
export function conversation(turns: readonly TrainingTurn[], id: unknown): readonly ReadLesson[] {
	const merged: TrainingTurn[] = [];
	for (const turn of turns) {
		const last = merged.at(-1);
		if (last?.role === turn.role)
			merged.splice(-1, 1, { ...last, content: `${last.content ?? ''}\n${turn.content ?? ''}` });
		else merged.push(turn);
	}
	const first = merged.findIndex(({ role }) => role === 'user');
	const end = merged.findLastIndex(({ role }) => role === 'assistant');
	if (first < 0 || end < first) throw new DataError('holds no question with an answer');
	const messages = merged.slice(first, end + 1);
	return [
		{
			lesson: { kind: 'answer', row: { messages } },
			...(typeof id === 'string' && id !== '' && { source: id }),
		},
	];
}

/** Who wrote how many messages, most first. */
export function authorsOf(
	messages: readonly ChatMessage[],
): readonly (readonly [name: string, messages: number])[] {
	const counts = new Map<string, number>();
	for (const { author } of messages) counts.set(author, (counts.get(author) ?? 0) + 1);
	return [...counts].sort((a, b) => b[1] - a[1]);
}

/** Conversations of a chat, each with its line; what `me` wrote is the answer. */
export function sessionsOf(
	messages: readonly ChatMessage[],
	me: string,
): readonly (ReadLesson & { readonly line: number })[] {
	const several = authorsOf(messages).length > 2;
	const found: (ReadLesson & { readonly line: number })[] = [];
	let open: ChatMessage[] = [];
	const close = (): void => {
		const [first] = open;
		const turns = open.map(({ author, text }) =>
			author === me
				? { role: 'assistant', content: text }
				: { role: 'user', content: several ? `${author}: ${text}` : text },
		);
		open = [];
		if (!first) return;
		try {
			const source = Number.isNaN(first.at) ? undefined : new Date(first.at).toISOString();
			found.push(...conversation(turns, source).map((lesson) => ({ ...lesson, line: first.line })));
		} catch (error) {
			// One side only: nothing to learn, and nothing wrong.
			if (!(error instanceof DataError)) throw error;
		}
	};
	for (const message of messages) {
		const last = open.at(-1);
		const isNew = last && !(message.at - last.at <= silence);
		const isFull = open.length >= mostTurns && last?.author === me && message.author !== me;
		if (isNew && !Number.isNaN(message.at - last.at)) close();
		else if (isFull) close();
		open.push(message);
	}
	close();
	return found;
}
