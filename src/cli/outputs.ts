/** @file Output paths of a command: checked before the work, with one sentence if they are not writable. */
import { access, constants, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CodedError } from '#base/coded-error.ts';
import { UsageError } from './terminal.ts';

/** Throws if this path is not writable, so that no work is lost; creates nothing. */
export async function assertWritable(
	flag: string,
	path: string,
	kind: 'file' | 'folder',
): Promise<void> {
	const refuse = (why: string): never => {
		throw new UsageError(
			`--${flag} must name a ${kind} that can be written; got "${path}" (${why}).`,
		);
	};
	const wanted = resolve(path);
	for (let at = wanted; ; at = dirname(at)) {
		const found = await stat(at).catch(() => undefined);
		if (!found) {
			if (at === dirname(at)) return;
			continue; // It will be made.
		}
		const isFolder = found.isDirectory();
		if (at === wanted && isFolder !== (kind === 'folder'))
			refuse(isFolder ? 'it is a folder' : 'it is a file');
		if (at !== wanted && !isFolder) refuse(`${at} is a file`);
		await access(at, constants.W_OK).catch(() => refuse('permission denied'));
		return;
	}
}

/** Writes a file; an error names the remedy. */
export async function writing<T>(flag: string, path: string, write: () => Promise<T>): Promise<T> {
	try {
		return await write();
	} catch (error) {
		if (!(error instanceof Error && 'syscall' in error)) throw error;
		throw new CodedError(
			'not-available',
			`${path} cannot be written (${error.message}); free some space, or choose another --${flag}.`,
			{ cause: error },
		);
	}
}

/** Writes a file and creates its folder if it is missing. */
export const writeOut = (flag: string, path: string, content: string | Uint8Array): Promise<void> =>
	writing(flag, path, async () => {
		await mkdir(dirname(path), { recursive: true });
		await writeFile(path, content);
	});
