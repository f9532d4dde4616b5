/** @file Telegram Desktop's JSON export: one chat, or all chats of an account. */
import { isRecord } from '#base/untrusted/is-record.ts';
import type { ChatMessage } from './turns.ts';

export interface TelegramChat {
	readonly name: string;
	readonly messages: readonly ChatMessage[];
}

export interface TelegramExport {
	readonly chats: readonly TelegramChat[];
	/** The account's own name, if the export says it. */
	readonly me: string | undefined;
}

export function readTelegram(value: Readonly<Record<string, unknown>>): TelegramExport {
	const { chats } = value;
	const listed = isRecord(chats) && Array.isArray(chats['list']) ? chats['list'] : [value];
	const own = value['personal_information'];
	const names = isRecord(own) ? [own['first_name'], own['last_name']] : [];
	const me = names.filter((name) => typeof name === 'string' && name !== '').join(' ');
	return {
		me: me === '' ? undefined : me,
		chats: (listed as readonly unknown[]).flatMap((chat, i) =>
			isRecord(chat) ? [readChat(chat, `chat ${i + 1}`)] : [],
		),
	};
}

function readChat(
	{ name, messages }: Readonly<Record<string, unknown>>,
	otherwise: string,
): TelegramChat {
	const all = Array.isArray(messages) ? (messages as readonly unknown[]) : [];
	return {
		name: typeof name === 'string' && name !== '' ? name : otherwise,
		messages: all.flatMap((message, i): readonly ChatMessage[] => {
			if (!isRecord(message) || message['type'] !== 'message') return [];
			const text = plainText(message['text']).trim();
			const author = message['from'];
			if (text === '' || typeof author !== 'string') return [];
			const seconds = Number(message['date_unixtime']);
			const at = Number.isFinite(seconds) ? 1000 * seconds : Date.parse(String(message['date']));
			return [{ author, text, at, line: i + 1 }];
		}),
	};
}

/** Text, or a list of texts and marked parts. */
const plainText = (text: unknown): string =>
	typeof text === 'string'
		? text
		: Array.isArray(text)
			? text.map((part) => (isRecord(part) ? plainText(part['text']) : plainText(part))).join('')
			: '';
