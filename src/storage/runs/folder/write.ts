/** @file Atomic write of a file (Node), and what else a store in a folder asks of its disk. */
import { open, rename, rm, stat, statfs } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { namesOf } from '../../files/errors.ts';

/** Ending of a file that is being written; no file name holds a plus sign. */
export const temporary = '+part';

/** Bytes free on the disk of a folder, if the system says. */
export async function freeIn(folder: string): Promise<number | undefined> {
	const disk = await statfs(folder).catch(() => undefined);
	return disk && disk.bavail * disk.bsize;
}

export async function isThere(path: string): Promise<boolean> {
	try {
		await stat(path);
		return true;
	} catch (error) {
		if (namesOf(error).has('ENOENT')) return false;
		throw error;
	}
}

/** Atomic write: under another name, flushed, then moved, so that a reader finds the old file or the new one. */
export async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
	const partial = `${path}+${randomUUID()}${temporary}`;
	try {
		const file = await open(partial, 'w');
		try {
			for (const part of parts) await file.writeFile(part);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(partial, path);
	} catch (error) {
		await rm(partial, { force: true });
		throw error;
	}
	// the folder's own entry; Windows has no such thing
	const folder = await open(dirname(path), 'r').catch(() => undefined);
	await folder?.sync().catch(() => undefined);
	await folder?.close();
}
