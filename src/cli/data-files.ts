/** @file A person's data files on disk: named ones, and all those of folders. */
import { openAsBlob } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { dataLimits } from '#base/limits.ts';
import type { DataFile } from '#dataset/imported.ts';
import { UsageError } from './terminal.ts';

/** The files, in the order of their names within each folder; their bytes are read later. */
export async function openDataFiles(
	paths: readonly string[],
	flag: string,
): Promise<readonly DataFile[]> {
	const files: DataFile[] = [];
	for (const path of paths) {
		const found = await stat(path).catch(() => undefined);
		if (!found)
			throw new UsageError(`${flag} must be a file or a folder that can be read; got "${path}".`);
		if (!found.isDirectory()) {
			files.push(await open(path, path));
			continue;
		}
		const entries = await readdir(path, { recursive: true, withFileTypes: true });
		const names = entries
			.filter((entry) => entry.isFile())
			.map((entry) => join(entry.parentPath, entry.name))
			.sort();
		for (const name of names.slice(0, dataLimits.files)) {
			const inside = relative(path, name).replaceAll('\\', '/');
			if (!/(^|\/)\./.test(inside)) files.push(await open(name, inside));
		}
	}
	return files;
}

const open = async (path: string, name: string): Promise<DataFile> => {
	try {
		return { name, blob: await openAsBlob(path) };
	} catch (cause) {
		throw new UsageError(
			`"${path}" cannot be read (${cause instanceof Error ? cause.message : 'unknown'}).`,
		);
	}
};
