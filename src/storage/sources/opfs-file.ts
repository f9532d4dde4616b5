/** @file A file of OPFS as a byte source: by its sync access handle in a worker, else as a Blob. */
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { blobSource, checkRange } from '#model/checkpoint/sources/memory.ts';

/** Reading as a Blob: works on the page too, and leaves the file free for others. */
export async function openHandleSource(handle: FileSystemFileHandle): Promise<ByteSource> {
	return blobSource(handle.name, await handle.getFile());
}

/** A source over an open sync access handle, which reads without copying through a Blob; close the handle after. */
export function syncHandleSource(
	name: string,
	handle: Pick<FileSystemSyncAccessHandle, 'read' | 'getSize'>,
): ByteSource {
	const source: ByteSource = {
		name,
		size: handle.getSize(),
		async read(from, to, signal) {
			signal?.throwIfAborted();
			checkRange(source, from, to);
			const bytes = new Uint8Array(to - from);
			let done = 0;
			while (done < bytes.length) {
				const count = handle.read(bytes.subarray(done), { at: from + done });
				if (count === 0)
					throw new CheckpointError(`${name} became shorter while it was read; open it again.`);
				done += count;
			}
			return bytes;
		},
	};
	return source;
}
