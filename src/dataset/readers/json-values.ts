/** @file JSON of any size as texts of single values with their lines: one a line, or the elements of one list. */
import { dataLimits } from '#base/limits.ts';
import { DataError } from '../formats.ts';

/** A text with the number of its first line. */
export interface Piece {
	readonly text: string;
	/** From 1. */
	readonly line: number;
}

const newline = 10;

/** Non-empty lines; CR, LF and both together end one. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<Piece> {
	let rest = '';
	let line = 1;
	for await (const piece of pieces) {
		const parts = (rest + piece).split(/\r\n|\n|\r(?!$)/);
		rest = parts.pop() ?? '';
		assertShort(rest, line + parts.length);
		for (const text of parts) {
			if (text.trim() !== '') yield { text, line };
			line++;
		}
	}
	for (const text of rest.split('\r')) {
		if (text.trim() !== '') yield { text, line };
		line++;
	}
}

const assertShort = (text: string, line: number): void => {
	if (text.length > dataLimits.valueCharacters)
		throw new DataError(
			`line ${line} is longer than ${Math.round(dataLimits.valueCharacters / 2 ** 20)} million characters; split it into rows`,
		);
};

/** Elements of one JSON list, each as text; throws a DataError if the list ends too early. */
export async function* elementsOf(pieces: AsyncIterable<string>): AsyncGenerator<Piece> {
	const scan = new ListScanner();
	for await (const piece of pieces) yield* scan.push(piece);
	if (!scan.ended)
		throw new DataError(
			`the list that begins the file does not end; what stands after line ${scan.line} is cut off or damaged`,
		);
}

/** Finds the borders of elements by brackets and strings alone. */
class ListScanner {
	ended = false;
	/** Of the last character that was read. */
	line = 1;
	#depth = 0;
	#inString = false;
	#escaped = false;
	/** Text of the element under way from earlier pieces, and its line. */
	#held = '';
	#from = 1;
	#begun = false;

	*push(text: string): Generator<Piece> {
		let start = 0;
		for (let i = 0; i < text.length && !this.ended; i++) {
			const code = text.charCodeAt(i);
			if (code === newline) this.line++;
			if (this.#inString) {
				if (this.#escaped) this.#escaped = false;
				else if (code === 92) this.#escaped = true;
				else if (code === 34) this.#inString = false;
				continue;
			}
			if (code <= 32) continue;
			const opens = code === 91 || code === 123;
			const closes = code === 93 || code === 125;
			if (this.#depth === 0) {
				if (opens) this.#depth = 1;
				start = i + 1;
				continue;
			}
			if (this.#depth === 1 && (code === 44 || closes)) {
				yield* this.#finish(text.slice(start, i));
				start = i + 1;
				if (closes) this.ended = true;
				continue;
			}
			if (!this.#begun) {
				this.#begun = true;
				this.#from = this.line;
				start = i;
			}
			if (code === 34) this.#inString = true;
			else if (opens) this.#depth++;
			else if (closes) this.#depth--;
		}
		if (this.#begun) this.#held += text.slice(start);
		assertShort(this.#held, this.#from);
	}

	*#finish(end: string): Generator<Piece> {
		const text = this.#held + end;
		this.#held = '';
		if (this.#begun) yield { text, line: this.#from };
		this.#begun = false;
	}
}
