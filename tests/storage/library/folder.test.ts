/** @file The library in a folder: the contract, and what only a disk can do. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { asLibraryError } from '#storage/library/failure.ts';
import { openFolderLibrary } from '#storage/library/folder.ts';
import { LibraryError } from '#storage/library/library.ts';
import { describeLibrary } from '../../contracts/describe-library.ts';

describeLibrary('folder', async () => {
	const root = await mkdtemp(join(tmpdir(), 'library-'));
	return {
		open: async () => openFolderLibrary(join(root, 'models')),
		read: async (folder, file) => {
			const found = await readFile(join(root, 'models', folder, file)).catch(() => undefined);
			return found && new Uint8Array(found);
		},
		async write(folder, file, bytes) {
			const path = join(root, 'models', folder, file);
			await mkdir(dirname(path), { recursive: true });
			await writeFile(path, bytes);
		},
		remove: () => rm(root, { recursive: true, force: true }),
	};
});

test('a library that was only looked at makes no folder', async () => {
	const root = await mkdtemp(join(tmpdir(), 'library-'));
	expect(await openFolderLibrary(join(root, 'models')).list()).toEqual([]);
	expect(await readdir(root)).toEqual([]);
	await rm(root, { recursive: true });
});

test.each([
	['ENOSPC', 'full', /free disk space/],
	['EACCES', 'not-available', /may write to/],
	['EIO', 'not-available', /try again/],
])('%s of the disk becomes a sentence', (name, wanted, remedy) => {
	const error = asLibraryError(Object.assign(new Error('disk'), { code: name }), 'write "x"');
	if (!(error instanceof LibraryError)) throw new Error('not a LibraryError');
	expect(error.code).toBe(wanted);
	expect(error.message).toMatch(remedy);
});
