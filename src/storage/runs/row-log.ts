/**
 * @file Append-only log of one run's experience as JSON lines (Node): a changed row is appended again, and the last one counts.
 *
 * How many bytes count is kept in the run's own record; what an interrupted commit appended beyond them is
 * cut off by the next. Only the offset of each row is in memory.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { matches } from '#base/schema.ts';
import { namesOf } from '../files/errors.ts';
import { fromJson, toJson } from './json.ts';
import { OrderedRows, type Page } from './ordered.ts';
import { rowKeySchema } from './row.ts';
import type { StoredRow } from './store.ts';
import { StoreError } from './store.ts';

/** Byte range of a row in the file. */
interface ByteRange {
	readonly t: number;
	readonly id: string;
	readonly rejected: boolean;
	readonly offset: number;
	readonly length: number;
}

export interface RowLog {
	/** Rows at `bytes` bytes of the file. */
	readonly ranges: OrderedRows<ByteRange>;
	readonly bytes: number;
}

const chunkBytes = 1 << 22;
const newline = 0x0a;

/** Reads the byte ranges of all rows within the first `bytes` bytes, continuing from `known` if given. */
export async function readLog(path: string, bytes: number, known?: RowLog): Promise<RowLog> {
	if (known?.bytes === bytes) return known;
	const start = known !== undefined && known.bytes < bytes ? known : undefined;
	const ranges = start?.ranges ?? new OrderedRows<ByteRange>();
	let at = start?.bytes ?? 0;
	if (bytes > 0)
		await withFile(path, 'r', async (file) => {
			let size = chunkBytes;
			while (at < bytes) {
				const chunk = await readAt(file, path, at, Math.min(size, bytes - at));
				const end = chunk.lastIndexOf(newline) + 1;
				if (end === 0 && chunk.length === bytes - at) throw damaged(path);
				size = end === 0 ? size * 2 : chunkBytes; // a line longer than the chunk
				for (let from = 0; from < end;) {
					const to = chunk.indexOf(newline, from);
					const { t, id, rejected } = parse(path, chunk.subarray(from, to));
					ranges.put({ t, id, rejected, offset: at + from, length: to - from });
					from = to + 1;
				}
				at += end;
			}
		});
	return { ranges, bytes };
}

/** Appends after the bytes that count, cuts what was beyond, and flushes; nothing counts until `bytes` is kept. */
export async function appendRows(
	path: string,
	log: RowLog,
	rows: readonly StoredRow[],
): Promise<{ readonly bytes: number; readonly ranges: readonly ByteRange[] }> {
	if (rows.length === 0) return { bytes: log.bytes, ranges: [] };
	let at = log.bytes;
	const ranges: ByteRange[] = [];
	const lines = rows.map((row) => {
		const line = Buffer.from(toJson(row) + '\n');
		const { t, id, rejected } = row;
		ranges.push({ t, id, rejected, offset: at, length: line.length - 1 });
		at += line.length;
		return line;
	});
	await withFile(path, log.bytes === 0 ? 'w' : 'r+', async (file) => {
		await writeAt(file, Buffer.concat(lines), log.bytes);
		await file.truncate(at);
		await file.sync();
	});
	return { bytes: at, ranges };
}

/** The rows of a page; neighbours in the file are read together. */
export async function readRows(
	path: string,
	log: RowLog,
	page: Page = {},
): Promise<readonly StoredRow[]> {
	return await rowsAt(path, log.ranges.page(page));
}

export async function rowsAt(
	path: string,
	ranges: readonly ByteRange[],
): Promise<readonly StoredRow[]> {
	if (ranges.length === 0) return [];
	return await withFile(path, 'r', async (file) => {
		const rows: StoredRow[] = [];
		for (let i = 0; i < ranges.length;) {
			const first = ranges[i];
			if (first === undefined) break;
			let end = first.offset + first.length;
			let next = i + 1;
			for (let place = ranges[next]; place?.offset === end + 1; place = ranges[++next])
				if (place.offset + place.length - first.offset > chunkBytes) break;
				else end = place.offset + place.length;
			const bytes = await readAt(file, path, first.offset, end - first.offset);
			for (; i < next; i++) {
				const { offset = 0, length = 0 } = ranges[i] ?? {};
				const from = offset - first.offset;
				rows.push(parse(path, bytes.subarray(from, from + length)));
			}
		}
		return rows;
	});
}

const damaged = (path: string, cause?: unknown): StoreError =>
	new StoreError(
		'corrupt',
		`"${path}" is damaged: import the run from an export, or move its folder away.`,
		{ cause },
	);

/** Our own file: written by `toJson` from a row, so only what the store relies on is checked. */
function parse(path: string, bytes: Buffer): StoredRow {
	try {
		const row = fromJson(bytes.toString('utf8'));
		if (isRow(row)) return row;
	} catch (error) {
		throw damaged(path, error);
	}
	throw damaged(path);
}

const isRow = (value: unknown): value is StoredRow => matches<unknown>(rowKeySchema, value);

async function readAt(
	file: FileHandle,
	path: string,
	offset: number,
	length: number,
): Promise<Buffer> {
	const bytes = Buffer.alloc(length);
	const { bytesRead } = await file.read(bytes, 0, length, offset);
	if (bytesRead !== length) throw damaged(path);
	return bytes;
}

/** A write may stop before the end, on a disk that is nearly full, without failing. */
async function writeAt(file: FileHandle, bytes: Buffer, offset: number): Promise<void> {
	for (let done = 0; done < bytes.length;)
		done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
}

async function withFile<T>(
	path: string,
	flags: string,
	fn: (file: FileHandle) => Promise<T>,
): Promise<T> {
	let file: FileHandle;
	try {
		file = await open(path, flags);
	} catch (error) {
		throw namesOf(error).has('ENOENT') ? damaged(path, error) : error;
	}
	try {
		return await fn(file);
	} finally {
		await file.close();
	}
}
