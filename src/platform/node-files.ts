/** @file The files of a model on disk, opened in the terminal; failures are of the file a person named. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackendError } from '#base/backend-error.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { openFileSource, type OpenFile } from '#storage/sources/node-file.ts';

/** Opens a file, or all files of a folder; the caller closes them. */
export async function openModelPath(path: string): Promise<readonly OpenFile[]> {
	const found = await stat(path).catch((cause: unknown) => {
		throw new BackendError(
			'bad-model',
			`There is no model at ${path}; give a .gguf file or a folder with config.json, tokenizer.json and .safetensors.`,
			{ cause },
		);
	});
	const open: OpenFile[] = [];
	try {
		if (!found.isDirectory()) return [await openFileSource(path)];
		const entries = await readdir(path, { withFileTypes: true });
		// A link to a file is one: caches of the hub are made of links.
		const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
		for (const name of names.sort()) open.push(await openFileSource(join(path, name)));
		return open;
	} catch (error) {
		for (const file of open) await file.close();
		throw asModelError(error);
	}
}

/** Of the file a person named: the remedies for a stored run would mislead. */
export const asModelError = (error: unknown): unknown =>
	error instanceof CheckpointError
		? new BackendError('bad-model', error.message, { cause: error })
		: error;
