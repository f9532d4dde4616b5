/**
 * @file Files in the browser's private file system (OPFS), written whole or not at all.
 *
 * Bytes go to a name of their own in `partial/` and are then moved into `files/`; a seal in front (see `seal.ts`)
 * catches what a power cut may leave. A dedicated worker writes through a sync access handle, which is
 * faster and all that older Safari has; a page, through a writable stream.
 */
import { namesOf } from './errors.ts';
import { flatName, nameOfFlat } from '../runs/references.ts';
import { sealOf, unseal } from './seal.ts';
import { unshared } from './sha256.ts';
import { newestTrashed, trashName, type Trash } from './trash.ts';
import type { Files } from '../runs/store.ts';
import { randomName } from '#base/random-name.ts';

/** File operations of the Dexie store beyond `Files`. */
export interface SweptFiles extends Files {
	has(name: string): Promise<boolean>;
	/** Removes what an interrupted write left behind. */
	sweep(): Promise<void>;
	/** Moves a file to the trash. */
	discard(name: string, nowMs: number): Promise<void>;
	/** Takes a file back from the trash, if it is there. */
	restore(name: string): Promise<void>;
	/** Deletes what is due of the trash. */
	purge(isDue: (trashed: string) => boolean): Promise<void>;
	trash(): Promise<Trash>;
}

type Folder = 'files' | 'partial' | 'trash';

/** In browsers since 2023, not yet in TypeScript's library. */
export interface Movable {
	move(folder: FileSystemDirectoryHandle, name: string): Promise<void>;
}
/** True if `moveOver` can be used. */
export const isMovable = (handle: object): handle is Movable => 'move' in handle;

/** Undefined if this page has no private file system (plain http, some private windows). */
export async function findPrivateStorage(): Promise<StorageManager | undefined> {
	// absent outside secure contexts, whatever the type says
	const storage = (globalThis.navigator as Navigator | undefined)?.storage;
	if (storage === undefined || !('getDirectory' in storage)) return undefined;
	try {
		await storage.getDirectory();
		return storage;
	} catch {
		return undefined;
	}
}

/** Undefined if this page has no private file system. */
export async function openOpfs(store: string): Promise<SweptFiles | undefined> {
	const storage = await findPrivateStorage();
	if (!storage) return undefined;
	// asked anew each time: the browser may clear the folders while the page lives
	const make = async (name: Folder): Promise<FileSystemDirectoryHandle> => {
		const root = await storage.getDirectory();
		const home = await root.getDirectoryHandle(store, { create: true });
		return await home.getDirectoryHandle(name, { create: true });
	};
	/** Undefined if nothing was ever written: a full disk would refuse to make the folder. */
	const find = async (name: Folder): Promise<FileSystemDirectoryHandle | undefined> =>
		await orMissing(async () => {
			const root = await storage.getDirectory();
			return await (await root.getDirectoryHandle(store)).getDirectoryHandle(name);
		});
	const namesIn = async (name: Folder): Promise<string[]> => {
		const names: string[] = [];
		const folder = await find(name);
		if (folder !== undefined) for await (const file of folder.keys()) names.push(file);
		return names;
	};

	return {
		async write(name, bytes) {
			const flat = flatName(name);
			const parts = [await sealOf(bytes), unshared(bytes)];
			const partial = await make('partial');
			const temporary = randomName();
			try {
				const handle = await partial.getFileHandle(temporary, { create: true });
				await writeAll(handle, parts);
				const files = await make('files');
				if (isMovable(handle)) await moveOver(handle, files, flat);
				// without move, a torn file is possible, and noticed by its seal
				else await writeAll(await files.getFileHandle(flat, { create: true }), parts);
			} finally {
				await removeIfThere(partial, temporary);
			}
		},
		async read(name) {
			const flat = flatName(name);
			const sealed = await orMissing(async () => {
				const handle = await (await find('files'))?.getFileHandle(flat);
				return await (await handle?.getFile())?.arrayBuffer();
			});
			return sealed === undefined ? undefined : await unseal(name, new Uint8Array(sealed));
		},
		async delete(name) {
			await removeIfThere(await find('files'), flatName(name));
		},
		async list(prefix = '') {
			const names = (await namesIn('files')).map(nameOfFlat);
			return names.filter((name) => name.startsWith(prefix)).sort();
		},
		async has(name) {
			const flat = flatName(name);
			const handle = await orMissing(async () => await (await find('files'))?.getFileHandle(flat));
			return handle !== undefined;
		},
		async sweep() {
			const partial = await find('partial');
			for (const name of await namesIn('partial')) await removeIfThere(partial, name);
		},
		async discard(name, nowMs) {
			const flat = flatName(name);
			const files = await find('files');
			const handle = await orMissing(async () => await files?.getFileHandle(flat));
			// without move it stays where it is, which only takes space
			if (handle !== undefined && isMovable(handle))
				await moveOver(handle, await make('trash'), trashName(flat, nowMs));
		},
		async restore(name) {
			const flat = flatName(name);
			const entry = newestTrashed(await namesIn('trash'), flat);
			const handle = entry && (await (await find('trash'))?.getFileHandle(entry));
			if (handle && isMovable(handle)) await moveOver(handle, await make('files'), flat);
		},
		async purge(isDue) {
			const trash = await find('trash');
			for (const name of await namesIn('trash')) if (isDue(name)) await removeIfThere(trash, name);
		},
		async trash() {
			const trash = await find('trash');
			const sizes = (await namesIn('trash')).map(
				async (name) => (await (await trash?.getFileHandle(name))?.getFile())?.size ?? 0,
			);
			const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
			return { files: sizes.length, bytes };
		},
	};
}

/** Undefined in place of the error that something is not there. */
export async function orMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
	try {
		return await work();
	} catch (error) {
		if (namesOf(error).has('NotFoundError')) return undefined;
		throw error;
	}
}

/** Writes a file from its beginning; names a full disk. */
export async function writeAll(
	handle: FileSystemFileHandle,
	parts: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
	if (typeof DedicatedWorkerGlobalScope === 'undefined' || !('createSyncAccessHandle' in handle)) {
		const stream = await handle.createWritable();
		try {
			// reserves all space first: Chromium reports a full disk here, and not always while writing
			await stream.truncate(parts.reduce((sum, part) => sum + part.length, 0));
			for (const part of parts) await stream.write(part);
			await stream.close();
		} catch (error) {
			await stream.abort().catch(() => undefined); // already broken if the write failed
			throw error;
		}
		return;
	}
	const access = await handle.createSyncAccessHandle();
	try {
		access.truncate(0);
		let at = 0;
		for (const part of parts) {
			// some browsers write what fits and say so, instead of throwing
			if (access.write(part, { at }) !== part.length)
				throw new DOMException('The file was cut short.', 'QuotaExceededError');
			at += part.length;
		}
		access.flush();
	} finally {
		access.close();
	}
}

/** Moves, also onto a file that is there, which not every browser does by itself. */
export async function moveOver(
	handle: Movable,
	folder: FileSystemDirectoryHandle,
	name: string,
): Promise<void> {
	try {
		await handle.move(folder, name);
	} catch (error) {
		if (!namesOf(error).has('InvalidModificationError')) throw error;
		await removeIfThere(folder, name);
		await handle.move(folder, name);
	}
}

/** Removes a file, if it is there. */
export async function removeIfThere(
	folder: FileSystemDirectoryHandle | undefined,
	name: string,
): Promise<void> {
	await orMissing(async () => await folder?.removeEntry(name));
}
