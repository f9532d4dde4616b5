/** @file A file on disk as a byte source (Node). */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { checkRange } from '#model/checkpoint/sources/memory.ts';

/** A byte source that holds its file open. */
export interface OpenFile extends ByteSource {
	close(): Promise<void>;
}

/** Most systems refuse or shorten single reads beyond 2 GiB. */
const mostAtOnce = 1 << 30;

/** Opens a file for reading. */
export async function openFileSource(path: string): Promise<OpenFile> {
	const name = basename(path);
	const file = await open(path, 'r').catch((cause: unknown) => {
		throw new CheckpointError(`${name} cannot be opened; check the path and its rights.`, {
			cause,
		});
	});
	const { size } = await file.stat();
	const source: OpenFile = {
		name,
		size,
		async read(from, to, signal) {
			checkRange(source, from, to);
			const bytes = new Uint8Array(to - from);
			let done = 0;
			while (done < bytes.length) {
				signal?.throwIfAborted();
				const length = Math.min(mostAtOnce, bytes.length - done);
				const { bytesRead } = await file.read(bytes, done, length, from + done);
				if (bytesRead === 0)
					throw new CheckpointError(`${name} became shorter while it was read; open it again.`);
				done += bytesRead;
			}
			return bytes;
		},
		close: () => file.close(),
	};
	return source;
}
