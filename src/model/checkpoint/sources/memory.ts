/** @file Byte sources over bytes in memory, a Blob or dropped file, or a part of another source. */
import type { ByteSource } from '../byte-source.ts';
import { CheckpointError } from '../checkpoint-error.ts';

/** Rejects a range outside the source, which back ends would handle differently. */
export function checkRange(source: Pick<ByteSource, 'name' | 'size'>, from: number, to: number) {
	if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from < 0 || from > to)
		throw new CheckpointError(`${source.name}: bytes ${from} to ${to} are not a range.`);
	if (to > source.size)
		throw new CheckpointError(
			`${source.name} has ${source.size} bytes, but ${to} were asked for: it is cut off; copy or download it again.`,
		);
}

/** Bytes in memory; reads are views. */
export function bytesSource(name: string, bytes: Uint8Array): ByteSource {
	const source: ByteSource = {
		name,
		size: bytes.length,
		async read(from, to, signal) {
			signal?.throwIfAborted();
			checkRange(source, from, to);
			return bytes.subarray(from, to);
		},
	};
	return source;
}

/** A Blob: a dropped file, or a file of OPFS or of the user's disk from `handle.getFile()`. */
export function blobSource(name: string, blob: Blob): ByteSource {
	const source: ByteSource = {
		name,
		size: blob.size,
		async read(from, to, signal) {
			signal?.throwIfAborted();
			checkRange(source, from, to);
			try {
				return new Uint8Array(await blob.slice(from, to).arrayBuffer());
			} catch (cause) {
				throw new CheckpointError(`${name} changed or went away; choose it again.`, { cause });
			}
		},
	};
	return source;
}

/** Bytes `from` to `to` of another source, with a name of their own. */
export function partOf(whole: ByteSource, name: string, from: number, to = whole.size): ByteSource {
	checkRange(whole, from, to);
	const source: ByteSource = {
		name,
		size: to - from,
		async read(first, end, signal) {
			checkRange(source, first, end);
			return await whole.read(from + first, from + end, signal);
		},
	};
	return source;
}

/** A whole small file, of at most `most` bytes. */
export async function readWhole(
	source: ByteSource,
	most: number,
	signal?: AbortSignal,
): Promise<Uint8Array> {
	if (source.size > most)
		throw new CheckpointError(
			`${source.name} has ${source.size} bytes, more than the ${most} that are allowed.`,
		);
	return await source.read(0, source.size, signal);
}
