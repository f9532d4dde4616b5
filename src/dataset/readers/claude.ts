/** @file Claude's account export (`conversations.json`): each conversation is a list of messages by human and assistant. */
import { isRecord } from '#base/untrusted/is-record.ts';
import type { TrainingTurn } from '#training/data/training-row.ts';
import { DataError } from '../formats.ts';
import { conversation } from './turns.ts';
import type { ReadLesson } from '../row.ts';

/** The lessons of one conversation. */
export function readClaude(value: unknown): readonly ReadLesson[] {
	const messages = isRecord(value) ? value['chat_messages'] : undefined;
	if (!isRecord(value) || !Array.isArray(messages))
		throw new DataError('is no conversation of Claude’s export: it has no chat_messages');
	const turns = messages.flatMap((message): readonly TrainingTurn[] => {
		if (!isRecord(message)) return [];
		const content = textOf(message);
		if (content.trim() === '') return [];
		return [{ role: message['sender'] === 'assistant' ? 'assistant' : 'user', content }];
	});
	return conversation(turns, value['uuid'] ?? value['name']);
}

/** Text parts only; older exports have `text` alone. */
function textOf({ content, text }: Readonly<Record<string, unknown>>): string {
	const parts = Array.isArray(content) ? (content as readonly unknown[]) : [];
	const said = parts.flatMap((part) =>
		isRecord(part) && part['type'] === 'text' && typeof part['text'] === 'string'
			? [part['text']]
			: [],
	);
	if (said.length > 0) return said.join('\n');
	return typeof text === 'string' ? text : '';
}
