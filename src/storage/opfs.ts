/**
 * @file Files in the browser's private file system (OPFS), written whole or not at all.
 *
 * Bytes go to a name of their own in `partial/` and are then moved into `files/`; a seal in front (see `seal.ts`)
 * catches what a power cut may leave. A dedicated worker writes through a sync access handle, which is
 * faster and all that older Safari has; a page, through a writable stream.
 */
import { namesOf } from './errors.ts';
import { flatName, nameOfFlat } from './references.ts';
import { sealOf, unseal } from './seal.ts';
import { unshared } from './sha256.ts';
import type { Files } from './store.ts';
import { randomName } from './watch.ts';

/** What the Dexie store asks of its files beyond `Files`. */
export interface SweptFiles extends Files {
	has(name: string): Promise<boolean>;
	/** Removes what an interrupted write left behind. */
	sweep(): Promise<void>;
}

/** In browsers since 2023, not yet in TypeScript's library. */
interface Movable {
	move(folder: FileSystemDirectoryHandle, name: string): Promise<void>;
}
const isMovable = (handle: object): handle is Movable => 'move' in handle;

const isMissing = (error: unknown): boolean => namesOf(error).has('NotFoundError');

/** Undefined where this page has no private file system (plain http, some private windows). */
export async function openOpfs(store: string): Promise<SweptFiles | undefined> {
	// absent outside secure contexts, whatever the type says
	const storage = (globalThis.navigator as Navigator | undefined)?.storage;
	if (storage === undefined || !('getDirectory' in storage)) return undefined;
	try {
		await storage.getDirectory();
	} catch {
		return undefined;
	}
	// asked anew each time: the browser may clear the folders while the page lives
	const folder = async (name: 'files' | 'partial'): Promise<FileSystemDirectoryHandle> => {
		const root = await storage.getDirectory();
		const home = await root.getDirectoryHandle(store, { create: true });
		return await home.getDirectoryHandle(name, { create: true });
	};

	return {
		async write(name, bytes) {
			const flat = flatName(name);
			const parts = [await sealOf(bytes), unshared(bytes)];
			const partial = await folder('partial');
			const temporary = randomName();
			try {
				const handle = await partial.getFileHandle(temporary, { create: true });
				await writeAll(handle, parts);
				const files = await folder('files');
				if (isMovable(handle)) await moveOver(handle, files, flat);
				// without move, a torn file is possible, and noticed by its seal
				else await writeAll(await files.getFileHandle(flat, { create: true }), parts);
			} finally {
				await removeIfThere(partial, temporary);
			}
		},
		async read(name) {
			const sealed = await readAll(await folder('files'), flatName(name));
			return sealed === undefined ? undefined : await unseal(name, sealed);
		},
		async delete(name) {
			await removeIfThere(await folder('files'), flatName(name));
		},
		async list(prefix = '') {
			const names: string[] = [];
			for await (const flat of (await folder('files')).keys()) names.push(nameOfFlat(flat));
			return names.filter((name) => name.startsWith(prefix)).sort();
		},
		async has(name) {
			try {
				await (await folder('files')).getFileHandle(flatName(name));
				return true;
			} catch (error) {
				if (isMissing(error)) return false;
				throw error;
			}
		},
		async sweep() {
			const partial = await folder('partial');
			const names: string[] = [];
			for await (const name of partial.keys()) names.push(name);
			for (const name of names) await removeIfThere(partial, name);
		},
	};
}

async function writeAll(
	handle: FileSystemFileHandle,
	parts: readonly Uint8Array<ArrayBuffer>[],
): Promise<void> {
	if (typeof DedicatedWorkerGlobalScope === 'undefined' || !('createSyncAccessHandle' in handle)) {
		const stream = await handle.createWritable();
		try {
			for (const part of parts) await stream.write(part);
			await stream.close();
		} catch (error) {
			await stream.abort().catch(() => undefined); // already broken where the write failed
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
async function moveOver(
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

async function readAll(
	folder: FileSystemDirectoryHandle,
	name: string,
): Promise<Uint8Array | undefined> {
	try {
		const handle = await folder.getFileHandle(name);
		return new Uint8Array(await (await handle.getFile()).arrayBuffer());
	} catch (error) {
		if (isMissing(error)) return undefined;
		throw error;
	}
}

async function removeIfThere(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
	try {
		await folder.removeEntry(name);
	} catch (error) {
		if (!isMissing(error)) throw error;
	}
}
