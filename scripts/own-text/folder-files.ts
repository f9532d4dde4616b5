/** @file Files of a store in one folder of the disk. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Files } from '#storage/runs/store.ts';

export const folderFiles = (folder: string): Files => ({
	async write(name, bytes) {
		const path = join(folder, name);
		await mkdir(dirname(path), { recursive: true });
		await writeFile(`${path}.new`, bytes);
		await rename(`${path}.new`, path);
	},
	read: (name) =>
		readFile(join(folder, name)).then(
			(bytes) => new Uint8Array(bytes),
			() => undefined,
		),
	delete: (name) => rm(join(folder, name), { force: true }),
	async list(prefix = '') {
		const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
		return entries
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name).slice(join(folder).length + 1))
			.filter((name) => name.startsWith(prefix));
	},
});
