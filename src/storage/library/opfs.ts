/**
 * @file The library in the browser's private file system: `<home>/<id>/<file>`.
 *
 * A dedicated worker appends through a sync access handle, which keeps every byte written so far and shuts others out;
 * a page appends through a writable stream, whose bytes count when it is closed.
 */
import { libraryOver, type Folders } from './folders.ts';
import type { FileWriter, Library } from './library.ts';
import {
	findPrivateStorage,
	isMovable,
	moveOver,
	orMissing,
	removeIfThere,
	writeAll,
} from '../files/opfs.ts';
import { blobSource } from '#model/checkpoint/sources/memory.ts';

/** Undefined if this page has no private file system. */
export async function openOpfsLibrary(home = 'evolvarium-models'): Promise<Library | undefined> {
	const storage = await findPrivateStorage();
	return storage && libraryOver(foldersIn(storage, home));
}

function foldersIn(storage: StorageManager, home: string): Folders {
	// asked anew each time: the browser may clear the folders while the page lives
	const root = async (): Promise<FileSystemDirectoryHandle | undefined> =>
		await orMissing(async () => (await storage.getDirectory()).getDirectoryHandle(home));
	const find = async (folder: string): Promise<FileSystemDirectoryHandle | undefined> =>
		await orMissing(async () => await (await root())?.getDirectoryHandle(folder));
	const make = async (folder: string): Promise<FileSystemDirectoryHandle> => {
		const all = await (await storage.getDirectory()).getDirectoryHandle(home, { create: true });
		return await all.getDirectoryHandle(folder, { create: true });
	};
	const fileIn = async (folder: string, file: string): Promise<File | undefined> =>
		await orMissing(async () => (await (await find(folder))?.getFileHandle(file))?.getFile());

	return {
		async names() {
			const names: string[] = [];
			for await (const [name, { kind }] of (await root())?.entries() ?? [])
				if (kind === 'directory') names.push(name);
			return names;
		},
		read: async (folder, file) => await (await fileIn(folder, file))?.text(),
		async write(folder, file, text) {
			const parts = [new TextEncoder().encode(text)];
			const at = await make(folder);
			const temporary = `${file}+part`;
			try {
				const handle = await at.getFileHandle(temporary, { create: true });
				await writeAll(handle, parts);
				if (isMovable(handle)) await moveOver(handle, at, file);
				// without move, a torn list is possible, and is noticed when it is read
				else await writeAll(await at.getFileHandle(file, { create: true }), parts);
			} finally {
				await removeIfThere(at, temporary);
			}
		},
		size: async (folder, file) => (await fileIn(folder, file))?.size,
		async open(folder, file) {
			const handle = await (await make(folder)).getFileHandle(file);
			// Reading as a Blob works on the page too, and leaves the file free for others.
			const source = blobSource(handle.name, await handle.getFile());
			return { ...source, close: async () => undefined };
		},
		async append(folder, file, { anew }) {
			const handle = await (await make(folder)).getFileHandle(file, { create: true });
			return typeof DedicatedWorkerGlobalScope !== 'undefined' && 'createSyncAccessHandle' in handle
				? await appendInWorker(handle, anew)
				: await appendOnPage(handle, anew);
		},
		async remove(folder, file) {
			if (file !== undefined) {
				await removeIfThere(await find(folder), file);
				return;
			}
			await orMissing(async () => await (await root())?.removeEntry(folder, { recursive: true }));
		},
		async alone(work) {
			const locks = navigator.locks as LockManager | undefined;
			return locks ? await locks.request(`${home}/change`, work) : await work();
		},
		async space() {
			const { usage, quota } = await storage.estimate();
			return usage === undefined || quota === undefined ? undefined : { used: usage, quota };
		},
		now: () => Date.now(),
	};
}

async function appendInWorker(handle: FileSystemFileHandle, anew: boolean): Promise<FileWriter> {
	const access = await handle.createSyncAccessHandle();
	if (anew) access.truncate(0);
	let held = access.getSize();
	return {
		get held() {
			return held;
		},
		async write(bytes) {
			// the API takes no shared memory; what comes from a network never is
			const written = access.write(new Uint8Array(bytes), { at: held });
			held += written;
			// some browsers write what fits and say so, instead of throwing
			if (written !== bytes.length)
				throw new DOMException('The file was cut short.', 'QuotaExceededError');
		},
		async close() {
			access.flush();
			access.close();
		},
	};
}

async function appendOnPage(handle: FileSystemFileHandle, anew: boolean): Promise<FileWriter> {
	const stream = await handle.createWritable({ keepExistingData: !anew });
	let held = anew ? 0 : (await handle.getFile()).size;
	await stream.seek(held);
	let isBroken = false;
	return {
		get held() {
			return held;
		},
		async write(bytes) {
			try {
				await stream.write(new Uint8Array(bytes));
			} catch (error) {
				isBroken = true;
				throw error;
			}
			held += bytes.length;
		},
		async close() {
			if (isBroken) return;
			await stream.close();
		},
	};
}
