/** @file Values of untrusted data as they are quoted in error messages: short, and never a failure of their own. */

const longest = 80;
const deepest = 3;

/** At most 80 characters of the value as JSON; never throws, however deep or long the value is. */
export function quote(value: unknown): string {
	let text: string;
	try {
		text = written(value, deepest);
	} catch {
		text = 'a value that cannot be shown';
	}
	return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** A text cut to 80 characters, without quotes around it. */
export const cut = (text: string): string =>
	text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;

/** A text as `cut` gives it, any other value as `quote` does: for messages with quotes of their own. */
export const shown = (value: unknown): string =>
	typeof value === 'string' ? cut(value) : quote(value);

/** The message of an error whose parts may be long: at most 1,000 characters. */
export const briefly = (message: string): string =>
	message.length <= 1000 ? message : `${message.slice(0, 999)}…`;

function written(value: unknown, depth: number): string {
	switch (typeof value) {
		case 'string':
			return JSON.stringify(value.slice(0, longest + 1));
		case 'object':
			break;
		case 'function':
			return 'a function';
		default:
			return String(value);
	}
	if (value === null) return 'null';
	const isList = Array.isArray(value) || ArrayBuffer.isView(value);
	const [open, close] = isList ? ['[', ']'] : ['{', '}'];
	if (depth === 0) return `${open}…${close}`;
	let text = open;
	for (const part of isList ? items(value, depth) : entries(value, depth)) {
		text += text === open ? part : `, ${part}`;
		// Nobody sees the rest.
		if (text.length > longest) break;
	}
	return text + close;
}

function* items(list: object, depth: number): Generator<string> {
	for (const item of list as Iterable<unknown>) yield written(item, depth - 1);
}

function* entries(object: object, depth: number): Generator<string> {
	for (const [key, value] of Object.entries(object) as [string, unknown][])
		yield `${JSON.stringify(key.slice(0, longest))}: ${written(value, depth - 1)}`;
}
