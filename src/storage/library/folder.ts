/** @file The library in a folder of the disk (Node): `<root>/<id>/<file>`, usable as a model folder by any program. */
import { mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { namesOf } from '../files/errors.ts';
import { withFolderLock } from '../runs/folder/lock.ts';
import { libraryOver, type Folders } from './folders.ts';
import type { FileWriter, Library } from './library.ts';
import { openFileSource } from '../sources/node-file.ts';

/** Opens the folder; it is made with the first model. */
export function openFolderLibrary(root: string): Library {
	return libraryOver(foldersIn(root));
}

function foldersIn(root: string): Folders {
	const make = (folder: string) => mkdir(join(root, folder), { recursive: true });
	return {
		names: async () => {
			const found = await orMissing(() => readdir(root, { withFileTypes: true }));
			return (found ?? []).filter((entry) => entry.isDirectory()).map(({ name }) => name);
		},
		read: (folder, file) => orMissing(() => readFile(join(root, folder, file), 'utf8')),
		async write(folder, file, text) {
			await make(folder);
			const path = join(root, folder, file);
			const handle = await open(`${path}+part`, 'w');
			try {
				await handle.writeFile(text);
				await handle.sync();
			} finally {
				await handle.close();
			}
			await rename(`${path}+part`, path);
		},
		size: async (folder, file) => (await orMissing(() => stat(join(root, folder, file))))?.size,
		open: (folder, file) => openFileSource(join(root, folder, file)),
		async append(folder, file, { anew }) {
			await make(folder);
			const path = join(root, folder, file);
			const release = await hold(join(root, folder, '.lock'));
			try {
				const writer = await writerAt(path, anew);
				return {
					...writer,
					get held() {
						return writer.held;
					},
					close: async () => {
						await writer.close();
						await release();
					},
				};
			} catch (error) {
				await release();
				throw error;
			}
		},
		remove: (folder, file) =>
			rm(file === undefined ? join(root, folder) : join(root, folder, file), {
				recursive: file === undefined,
				force: true,
			}),
		async alone(work) {
			await mkdir(root, { recursive: true });
			return await withFolderLock(join(root, '.lock'), work);
		},
		async space() {
			const { blocks, bavail, bsize } =
				(await orMissing(() => statfs(root))) ?? (await statfs('.'));
			return { used: (blocks - bavail) * bsize, quota: blocks * bsize };
		},
		now: () => Date.now(),
	};
}

async function writerAt(path: string, anew: boolean): Promise<FileWriter> {
	const handle = await open(path, anew ? 'w' : 'a');
	let held = (await handle.stat()).size;
	return {
		get held() {
			return held;
		},
		async write(bytes) {
			// Writes everything or throws, unlike a single write.
			await handle.appendFile(bytes);
			held += bytes.length;
		},
		close: async () => {
			await handle.sync();
			await handle.close();
		},
	};
}

/** Holds a lock until the returned function is called. */
function hold(path: string): Promise<() => Promise<void>> {
	return new Promise((held, refused) => {
		const lock = withFolderLock(
			path,
			() =>
				new Promise<void>((free) => {
					held(async () => {
						free();
						await lock;
					});
				}),
		);
		lock.catch(refused);
	});
}

async function orMissing<T>(work: () => Promise<T>): Promise<T | undefined> {
	try {
		return await work();
	} catch (error) {
		const names = namesOf(error);
		if (names.has('ENOENT') || names.has('ENOTDIR')) return undefined;
		throw error;
	}
}
