/** @file WhatsApp's export of a chat as text, parsed by whatsapp-chat-parser. */
import { parseString } from 'whatsapp-chat-parser';
import type { ChatMessage } from './turns.ts';

/** `[24.12.23, 18:03:11] Anna: Hello`, `12/24/23, 6:03 PM - Anna: Hello` */
const begins =
	/^[\u200e\u200f]?\[?\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{1,4},?\s.{0,3}\d{1,2}[:.]\d{2}([:.]\d{2})?[^\]:]{0,8}(\]| -) /;

/** Lines of the sample that must look like messages. */
const fewest = 2;

export const isWhatsApp = (start: string): boolean =>
	start
		.replace(/^\ufeff/, '')
		.split(/\r\n|\r|\n/)
		.slice(0, 40)
		.filter((line) => begins.test(line) && line.includes(': ')).length >= fewest;

/** Placeholders of pictures, calls and deleted messages, which WhatsApp marks by an invisible character or angle brackets. */
const placeholder =
	/^(\u200e|<[^>]*>\s*$|<?(attached|Anhang|adjunto|image|video|audio)\b[^\n]*omitted)/i;

/** The messages that people wrote. */
export function readWhatsApp(text: string): readonly ChatMessage[] {
	let line = 1;
	return parseString(text.replace(/^\ufeff/, '')).flatMap(({ author, message, date }) => {
		const from = line;
		line += message.split(/\r\n|\r|\n/).length;
		if (author === null || placeholder.test(message) || message.trim() === '') return [];
		return [
			{
				author: author.replace(/[\u200e\u200f~]/g, '').trim(),
				text: message.trim(),
				at: date.getTime(),
				line: from,
			},
		];
	});
}
