/** @file Strict JSON parser for untrusted files: UTF-8 checked, no duplicate keys, one-sentence errors. */
import { quote } from '#base/untrusted/quote.ts';
import { CheckpointError } from './checkpoint-error.ts';

/** Parses UTF-8 bytes; `what` starts an error message. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
	let text: string;
	let value: unknown;
	try {
		text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch (cause) {
		throw new CheckpointError(`${what} is not UTF-8 text.`, { cause });
	}
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw new CheckpointError(`${what} is not valid JSON.`, { cause });
	}
	const twice = firstRepeatedKey(text);
	if (twice !== undefined) throw new CheckpointError(`${what} names ${quote(twice)} twice.`);
	return value;
}

/** The first duplicate key in valid JSON text; `JSON.parse` silently keeps the last. */
function firstRepeatedKey(text: string): string | undefined {
	const open: Set<string>[] = [];
	for (let i = 0; i < text.length; i++) {
		const character = text[i];
		// A list gets a set as well, which stays empty.
		if (character === '{' || character === '[') open.push(new Set());
		else if (character === '}' || character === ']') open.pop();
		else if (character === '"') {
			const end = endOfString(text, i);
			if (followedByColon(text, end)) {
				const key = JSON.parse(text.slice(i, end)) as string;
				const keys = open.at(-1);
				if (keys?.has(key)) return key;
				keys?.add(key);
			}
			i = end - 1;
		}
	}
	return undefined;
}

/** Index after the closing quote of the string that starts at `start`. */
function endOfString(text: string, start: number): number {
	let i = start + 1;
	while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
	return i + 1;
}

function followedByColon(text: string, from: number): boolean {
	let i = from;
	while (i < text.length && ' \t\n\r'.includes(text[i] ?? '')) i++;
	return text[i] === ':';
}
