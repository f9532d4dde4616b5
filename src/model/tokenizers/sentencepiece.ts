/**
 * @file SentencePiece's byte-pair encoding: of all neighbours that merge to a known piece, the best scored merge first.
 *
 * Llama 2, TinyLlama and llama2.c use it. Pieces and scores define it; a list of merges, as in a `tokenizer.json`, would
 * only be derived from them. A character without a piece becomes the pieces of its bytes.
 */
import { fillToken } from '../model-spec.ts';
import type { TextTokenizer } from '../tokenizer.ts';

/** Piece types, in the numbers of SentencePiece and GGUF. */
export const pieceKinds = {
	normal: 1,
	unknown: 2,
	control: 3,
	userDefined: 4,
	unused: 5,
	byte: 6,
} as const;

/** A vocabulary; three lists in the order of ids. */
export interface Pieces {
	/** Texts, with "▁" for a space. */
	readonly texts: readonly string[];
	/** Higher merges earlier. */
	readonly scores: readonly number[];
	/** `pieceKinds` */
	readonly kinds: readonly number[];
	/** Puts a space before a text and after each special token. */
	readonly spacePrefix: boolean;
}

const space = '▁';
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/**
 * Opens a vocabulary. Unlike Python's, `decode` keeps the space at the start, so that a decoded continuation can be
 * joined to its prompt.
 */
export function sentencePieceTokenizer(
	pieces: Pieces,
	marks: { readonly endToken: number; readonly padToken: number },
): TextTokenizer {
	const { texts, scores, kinds } = pieces;
	const { unknown, control, userDefined, unused, byte } = pieceKinds;
	const ids = new Map<string, number>();
	const bytes = new Map<number, number>();
	const whole: string[] = [];
	texts.forEach((text, id) => {
		const kind = kinds[id];
		if (kind === byte) bytes.set(Number.parseInt(text.slice(3, 5), 16), id);
		else if (kind !== unused && text !== '') ids.set(text, id);
		if ((kind === control || kind === userDefined || kind === unknown) && text !== '')
			whole.push(text);
	});
	const wholeIds = new Map(whole.map((text) => [text, ids.get(text) ?? 0]));
	const splitter = new RegExp(
		`(${whole
			.sort((a, b) => b.length - a.length)
			.map(escaped)
			.join('|')})`,
		'u',
	);
	const byteOf = new Map([...bytes].map(([value, id]) => [id, value]));
	const unknownId = kinds.indexOf(unknown);
	const utf8 = new TextEncoder();
	// Otherwise a byte order mark at the start of the text would be lost.
	const reader = new TextDecoder('utf-8', { ignoreBOM: true });

	const encodePlain = (text: string): number[] => {
		const spaced = (pieces.spacePrefix ? ` ${text}` : text).replaceAll(' ', space);
		return join([...spaced], (piece) => {
			const id = ids.get(piece);
			return id === undefined ? undefined : scores[id];
		}).flatMap((piece) => {
			const id = ids.get(piece);
			if (id !== undefined) return [id];
			const raw = [...utf8.encode(piece)].map((value) => bytes.get(value) ?? unknownId);
			return raw.includes(unknownId) ? [unknownId] : raw;
		});
	};

	/** Bytes of a token; undefined for tokens without text. */
	const bytesOf = (id: number): Uint8Array | undefined => {
		const value = byteOf.get(id);
		if (value !== undefined) return Uint8Array.of(value);
		const text = texts[id];
		const kind = kinds[id];
		const silent = kind === control || kind === unknown || kind === unused;
		return text === undefined || silent ? undefined : utf8.encode(text.replaceAll(space, ' '));
	};

	return {
		...marks,
		padToken: fillToken(marks),
		vocabularySize: texts.length,
		encode: (text) =>
			(whole.length > 0 ? text.split(splitter) : [text]).flatMap((part) => {
				if (part === '') return [];
				const id = wholeIds.get(part);
				return id === undefined ? encodePlain(part) : [id];
			}),
		decode: (tokens) => {
			const parts = tokens.flatMap((id) => bytesOf(id) ?? []);
			const all = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
			let at = 0;
			for (const part of parts) {
				all.set(part, at);
				at += part.length;
			}
			return reader.decode(all);
		},
		tokenBytes: bytesOf,
	};
}

interface Join {
	readonly score: number;
	/** Indices of the two neighbours, and their merged piece. */
	readonly left: number;
	readonly right: number;
	readonly text: string;
}
const before = (a: Join, b: Join): boolean =>
	a.score > b.score || (a.score === b.score && a.left < b.left);

/** Merges neighbours, best score first and of equals the leftmost, until no merge is left. */
function join(
	symbols: readonly string[],
	scoreOf: (piece: string) => number | undefined,
): readonly string[] {
	const now: string[] = [...symbols];
	// A symbol merged into its left neighbour has now[i] = ''.
	const next = now.map((_, i) => i + 1);
	const previous = now.map((_, i) => i - 1);
	const queue: Join[] = [];
	const offer = (left: number, right: number): void => {
		if (left < 0 || right >= now.length) return;
		const text = (now[left] ?? '') + (now[right] ?? '');
		const score = scoreOf(text);
		if (score !== undefined) push(queue, { score, left, right, text });
	};
	for (let i = 1; i < now.length; i++) offer(i - 1, i);
	for (let best = pop(queue); best; best = pop(queue)) {
		const { left, right, text } = best;
		// One of the two has been merged with another since.
		if (!now[left] || !now[right] || next[left] !== right || now[left] + now[right] !== text)
			continue;
		now[left] = text;
		now[right] = '';
		const after = next[right] ?? now.length;
		next[left] = after;
		if (after < now.length) previous[after] = left;
		offer(previous[left] ?? -1, left);
		offer(left, after);
	}
	return now.filter((text) => text !== '');
}

/** Pushes to a binary heap whose first entry precedes all others. */
function push(heap: Join[], entry: Join): void {
	let at = heap.length;
	heap.push(entry);
	while (at > 0) {
		const parent = (at - 1) >> 1;
		const above = heap[parent];
		if (!above || !before(entry, above)) break;
		heap[at] = above;
		at = parent;
	}
	heap[at] = entry;
}

function pop(heap: Join[]): Join | undefined {
	const first = heap[0];
	const last = heap.pop();
	if (!last || heap.length === 0) return first;
	let at = 0;
	for (;;) {
		let child = 2 * at + 1;
		const [one, other] = [heap[child], heap[child + 1]];
		if (one && other && before(other, one)) child++;
		const below = heap[child];
		if (!below || !before(below, last)) break;
		heap[at] = below;
		at = child;
	}
	heap[at] = last;
	return first;
}
