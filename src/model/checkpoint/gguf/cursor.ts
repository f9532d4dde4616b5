/** @file Forward reader over a ByteSource in windows, bounded by a limit, without reading more than requested. */
import type { ByteSource } from '../byte-source.ts';
import { CheckpointError } from '../checkpoint-error.ts';

/** Little-endian numbers and texts in sequence. */
export interface Cursor {
	/** Bytes read so far. */
	readonly position: number;
	/** Bytes that may still be read. */
	readonly left: number;
	/** A view of the next bytes, valid until the next call. */
	take(bytes: number, what: string): Promise<DataView>;
	u32(what: string): Promise<number>;
	/** A count; refused above `most`, since its items must fit the rest of the file. */
	count(what: string, most: number): Promise<number>;
	text(what: string): Promise<string>;
	/** Many texts at once: a vocabulary has a hundred thousand, and each await takes time. */
	texts(count: number, what: string): Promise<string[]>;
}

/** Header bytes fetched at a time: few round trips over HTTP, little waste. */
const windowBytes = 1 << 19;

/** Opens a cursor at the start of the file; `limit` bounds the header in bytes. */
export function openCursor(source: ByteSource, limit: number, signal?: AbortSignal): Cursor {
	const end = Math.min(source.size, limit);
	let position = 0;
	let start = 0;
	let bytes: Uint8Array = new Uint8Array(0);
	const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
	const fail = (problem: string): never => {
		throw new CheckpointError(`${source.name}: ${problem}`);
	};
	const decode = (text: Uint8Array | DataView, what: string): string => {
		try {
			return utf8.decode(text);
		} catch (cause) {
			throw new CheckpointError(`${source.name}: ${what} is not UTF-8 text.`, { cause });
		}
	};

	const cursor: Cursor = {
		get position() {
			return position;
		},
		get left() {
			return end - position;
		},
		async take(length, what) {
			if (length > end - position)
				return end < source.size
					? fail(`its header is larger than the ${limit} bytes that are allowed.`)
					: fail(`is cut off at ${what}; copy or download it again.`);
			if (position + length > start + bytes.length) {
				signal?.throwIfAborted();
				const to = Math.min(end, position + Math.max(length, windowBytes));
				bytes = await source.read(position, to, signal);
				if (bytes.length !== to - position)
					return fail(`gave ${bytes.length} bytes where ${to - position} were asked for.`);
				start = position;
			}
			const view = new DataView(bytes.buffer, bytes.byteOffset + position - start, length);
			position += length;
			return view;
		},
		u32: async (what) => (await cursor.take(4, what)).getUint32(0, true),
		async count(what, most) {
			const value = (await cursor.take(8, what)).getBigUint64(0, true);
			if (value > BigInt(Math.max(0, Math.floor(most))))
				return fail(`${what} claims ${value}, more than there can be.`);
			return Number(value);
		},
		async text(what) {
			const length = await cursor.count(`the length of ${what}`, end - position - 8);
			return decode(await cursor.take(length, what), what);
		},
		async texts(count, what) {
			const texts: string[] = [];
			while (texts.length < count) {
				// Texts inside the window first; then one that spans it, which moves the window.
				const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
				let at = position - start;
				while (texts.length < count && at + 8 <= bytes.length) {
					const length = view.getUint32(at, true);
					if (view.getUint32(at + 4, true) !== 0 || at + 8 + length > bytes.length) break;
					texts.push(decode(bytes.subarray(at + 8, at + 8 + length), what));
					at += 8 + length;
				}
				position = start + at;
				if (texts.length < count) texts.push(await cursor.text(what));
			}
			return texts;
		},
	};
	return cursor;
}
