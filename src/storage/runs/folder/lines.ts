/** @file Append-only file of JSON lines (Node): how many bytes count is kept elsewhere, what lies beyond is cut off. */
import { open, type FileHandle } from 'node:fs/promises';
import { namesOf } from '../../files/errors.ts';

const chunkBytes = 1 << 22;
const newline = 0x0a;

export interface Line {
	readonly bytes: Buffer;
	/** Offset in the file. */
	readonly offset: number;
	/** The file ends within it. */
	readonly isCut: boolean;
}

/** Appends after the bytes that count, cuts what was beyond, and flushes. Returns where the lines begin and end. */
export async function appendLines(
	path: string,
	counted: number,
	lines: readonly string[],
): Promise<{ readonly start: number; readonly end: number }> {
	const file = await open(path, counted === 0 ? 'w' : 'a+').then(async (created) => {
		if (counted === 0) return created;
		await created.close(); // made, if it was gone
		return await open(path, 'r+');
	});
	try {
		const { size } = await file.stat();
		// a file that was cut short goes on behind its end, on a line of its own
		const at = Math.min(size, counted);
		const gap = size < counted && size > 0 ? '\n' : '';
		const bytes = Buffer.from(gap + lines.map((line) => `${line}\n`).join(''));
		await writeAt(file, bytes, at);
		await file.truncate(at + bytes.length);
		await file.sync();
		return { start: at + gap.length, end: at + bytes.length };
	} finally {
		await file.close();
	}
}

/** The lines from `start` to `end`; ends early, perhaps with half a line, if the file does. */
export async function* readLines(path: string, start: number, end: number): AsyncGenerator<Line> {
	const file = start < end ? await openIfThere(path) : undefined;
	if (file === undefined) return;
	try {
		let rest: Buffer = Buffer.alloc(0);
		let offset = start;
		for (let at = start; at < end;) {
			const chunk = await readAt(file, at, Math.min(chunkBytes, end - at));
			if (chunk.length === 0) break;
			at += chunk.length;
			const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
			offset = at - bytes.length;
			let from = 0;
			for (let to = bytes.indexOf(newline); to !== -1; to = bytes.indexOf(newline, from)) {
				yield { bytes: bytes.subarray(from, to), offset: offset + from, isCut: false };
				from = to + 1;
			}
			rest = bytes.subarray(from);
			offset += from;
		}
		if (rest.length > 0) yield { bytes: rest, offset, isCut: true };
	} finally {
		await file.close();
	}
}

/** Byte ranges of a file, in the order given; neighbours are read together. Empty where the file has ended. */
export async function readRanges(
	path: string,
	ranges: readonly { readonly offset: number; readonly length: number }[],
): Promise<readonly Buffer[]> {
	const file = ranges.length === 0 ? undefined : await openIfThere(path);
	if (file === undefined) return ranges.map(() => Buffer.alloc(0));
	try {
		const found: Buffer[] = [];
		for (let i = 0; i < ranges.length;) {
			const first = ranges[i];
			if (first === undefined) break;
			let end = first.offset + first.length;
			let next = i + 1;
			for (let range = ranges[next]; range?.offset === end + 1; range = ranges[++next])
				if (range.offset + range.length - first.offset > chunkBytes) break;
				else end = range.offset + range.length;
			const bytes = await readAt(file, first.offset, end - first.offset);
			for (; i < next; i++) {
				const { offset = 0, length = 0 } = ranges[i] ?? {};
				found.push(bytes.subarray(offset - first.offset, offset - first.offset + length));
			}
		}
		return found;
	} finally {
		await file.close();
	}
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
	try {
		return await open(path, 'r');
	} catch (error) {
		if (namesOf(error).has('ENOENT')) return undefined;
		throw error;
	}
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
	const bytes = Buffer.alloc(length);
	const { bytesRead } = await file.read(bytes, 0, length, offset);
	return bytes.subarray(0, bytesRead);
}

/** A write may stop before the end, on a disk that is nearly full, without failing. */
async function writeAt(file: FileHandle, bytes: Buffer, offset: number): Promise<void> {
	for (let done = 0; done < bytes.length;)
		done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
}
