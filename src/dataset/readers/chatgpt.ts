/**
 * @file ChatGPT's account export (`conversations.json`): each conversation is a tree of messages, of which the branch that was
 * shown last is read.
 */
import { isRecord } from '#base/untrusted/is-record.ts';
import type { TrainingTurn } from '#training/data/training-row.ts';
import { DataError } from '../formats.ts';
import type { ReadLesson } from '../row.ts';
import { conversation } from './turns.ts';

/** The lessons of one conversation. */
export function readChatGpt(value: unknown): readonly ReadLesson[] {
	const mapping = isRecord(value) ? value['mapping'] : undefined;
	if (!isRecord(value) || !isRecord(mapping))
		throw new DataError('is no conversation of ChatGPT’s export: it has no mapping');
	const turns: TrainingTurn[] = [];
	const seen = new Set<string>();
	let at: unknown = value['current_node'] ?? lastLeaf(mapping);
	// A damaged tree may be a circle.
	while (typeof at === 'string' && !seen.has(at)) {
		seen.add(at);
		const node: unknown = Object.hasOwn(mapping, at) ? mapping[at] : undefined;
		if (!isRecord(node)) break;
		const turn = readMessage(node['message']);
		if (turn) turns.unshift(turn);
		at = node['parent'];
	}
	return conversation(turns, value['conversation_id'] ?? value['id'] ?? value['title']);
}

const lastLeaf = (mapping: Readonly<Record<string, unknown>>): string | undefined =>
	Object.keys(mapping)
		.filter((id) => {
			const node = mapping[id];
			return isRecord(node) && (!Array.isArray(node['children']) || node['children'].length === 0);
		})
		.at(-1);

/** Only what a person and the assistant wrote: no tools, pictures or thoughts. */
function readMessage(message: unknown): TrainingTurn | undefined {
	if (!isRecord(message)) return undefined;
	const { author, content, recipient } = message;
	const role = isRecord(author) ? author['role'] : undefined;
	if ((role !== 'user' && role !== 'assistant') || !isRecord(content)) return undefined;
	if (recipient !== undefined && recipient !== null && recipient !== 'all') return undefined;
	const { content_type: type, parts } = content;
	if ((type !== 'text' && type !== 'multimodal_text') || !Array.isArray(parts)) return undefined;
	const text = parts.filter((part) => typeof part === 'string').join('\n');
	return text.trim() === '' ? undefined : { role, content: text };
}
