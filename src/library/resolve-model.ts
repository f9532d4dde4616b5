/** @file Model lookup for the terminal: by path, or by the name of a downloaded model. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolderLibrary } from '#storage/library/folder.ts';
import { LibraryError, type LibraryEntry } from '#storage/library/library.ts';

/** Default folder of downloaded models, beside `runs`. */
export const defaultModels = 'models';

/** The path of a file or folder that holds the model; a path wins over a name. */
export async function resolveModel(
	nameOrPath: string,
	folder: string = defaultModels,
): Promise<string> {
	if (await stat(nameOrPath).catch(() => undefined)) return nameOrPath;
	const entry = await findModel(await openFolderLibrary(folder).list(), nameOrPath, folder);
	if (entry.state === 'complete') return join(folder, entry.id);
	throw new LibraryError(
		'incomplete',
		`"${entry.name}" is not complete; go on with it: npm run models add ${nameOrPath}.`,
	);
}

/** The one entry that is meant, by id, name or repository, whatever the case. */
export async function findModel(
	entries: readonly LibraryEntry[],
	nameOrPath: string,
	folder: string,
): Promise<LibraryEntry> {
	const wanted = nameOrPath.toLowerCase();
	const found = entries.filter(({ id, name, source }) =>
		[id, name, source.kind === 'hub' ? source.repository : ''].some(
			(one) => one.toLowerCase() === wanted,
		),
	);
	const [entry, other] = found;
	if (entry && !other) return entry;
	const exact = found.find(({ id }) => id === nameOrPath);
	if (exact) return exact;
	throw new LibraryError(
		'no-such-model',
		entry
			? `${found.length} models are called "${nameOrPath}"; give one of the ids ${found.map(({ id }) => id).join(', ')}.`
			: `There is no model at ${nameOrPath}, nor one of this name in ${folder}; give a .gguf file or a folder, or fetch it first: npm run models add ${nameOrPath}.`,
	);
}
