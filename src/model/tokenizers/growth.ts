/** @file Growth of texts in a `tokenizer.json`: how many times longer each step can make a text, known before any text. */
import type { Part } from './parts.ts';
import { refusePattern } from './patterns/bounded-expression.ts';
import { leastLength, parseExpression } from './patterns/syntax.ts';

/** Unicode's normal forms, case and accents: the most that any character grows. Repeating one adds nothing. */
const unicode: ReadonlyMap<unknown, readonly [group: string, factor: number]> = new Map([
	['NFC', ['form', 3]],
	['NFD', ['form', 4]],
	['NFKC', ['form', 18]],
	['NFKD', ['form', 18]],
	['Precompiled', ['form', 18]],
	['Lowercase', ['case', 3]],
]);

/** The factor by which these steps, one after another, lengthen a text of at least one character. */
export function growthOf(steps: readonly Part[]): number {
	const groups = new Map<string, number>();
	let factor = 1;
	for (const step of steps) {
		const [group, most] = unicode.get(step['type']) ?? [];
		if (group !== undefined) groups.set(group, Math.max(groups.get(group) ?? 1, most ?? 1));
		else factor *= factorOf(step);
	}
	for (const most of groups.values()) factor *= most;
	return factor;
}

const lengthOf = (value: unknown, otherwise: number): number =>
	typeof value === 'string' ? value.length : otherwise;

function factorOf(step: Part): number {
	switch (step['type']) {
		case 'Replace': {
			const content = lengthOf(step['content'], 0);
			const least = leastMatch(step['pattern']);
			return least === 0 ? content + 1 : Math.max(1, content / least);
		}
		case 'Prepend':
			return 1 + lengthOf(step['prepend'], 0);
		case 'Metaspace':
			return 1 + Math.max(lengthOf(step['str_rep'], 1), lengthOf(step['replacement'], 1));
		case 'BertNormalizer':
			return 9; // a Chinese character gets a space at each side, and accents are taken apart
		case 'ByteLevel':
			return 4; // three bytes, and a space before the text
		case 'WordPiece':
			return 2; // a space before each word
		default:
			return 1;
	}
}

function leastMatch(pattern: unknown): number {
	if (typeof pattern !== 'object' || pattern === null) return 1;
	const { String: text, Regex: source } = pattern as Part;
	if (typeof text === 'string') return text.length;
	if (typeof source !== 'string') return 1;
	// Written for Oniguruma: what only that reads may match anything.
	try {
		new RegExp(source, 'u');
	} catch {
		return 0;
	}
	return leastLength(parseExpression(source, (what) => refusePattern(source, what)));
}
