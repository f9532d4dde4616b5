/** @file The files of models and adapters on disk, for the terminal; failures are of the file a person named. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BackendError } from '#base/backend-error.ts';
import type { Adapter } from '#model/adapter.ts';
import { CheckpointError } from '#model/checkpoint/checkpoint-error.ts';
import { readPeftAdapter, writePeftAdapter } from '#model/checkpoint/peft.ts';
import type { ModelSpec } from '#model/model-spec.ts';
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

/** The adapter in a folder of PEFT, checked against the model. */
export async function readAdapterFolder(
	folder: string,
	spec: ModelSpec,
	signal?: AbortSignal,
): Promise<Adapter> {
	const read = async (name: string): Promise<Uint8Array> => {
		try {
			return new Uint8Array(await readFile(join(folder, name)));
		} catch (cause) {
			throw new CheckpointError(
				`${join(folder, name)} cannot be read; give a folder with adapter_config.json and adapter_model.safetensors.`,
				{ cause },
			);
		}
	};
	try {
		return await readPeftAdapter(read, spec, signal ? { signal } : {});
	} catch (error) {
		throw asModelError(error);
	}
}

/** Writes an adapter as PEFT loads it; the folder is made if it is missing. */
export async function writeAdapterFolder(
	folder: string,
	adapter: Adapter,
	baseModel: string,
): Promise<void> {
	await mkdir(folder, { recursive: true });
	for (const [name, bytes] of writePeftAdapter(adapter, { baseModel }))
		await writeFile(join(folder, name), bytes);
}
