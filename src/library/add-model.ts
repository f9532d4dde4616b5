/** @file Local files copied into the library: the choice of files that make the model, and the model's name. */
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { fileName, folderFiles } from '#model/checkpoint/model-files.ts';
import { LibraryError, type Library, type LibraryEntry } from '#storage/library/library.ts';

/** The given files that make the model; all of them if no rule knows them (llama2.c). */
export function pickFiles(given: readonly ByteSource[]): readonly ByteSource[] {
	const folder = folderFiles(given.map((source) => ({ path: source.name, source })));
	if (folder && folder.weights.length > 0)
		return [...folder.small, ...folder.weights].map(({ source }) => source);
	const ggufs = given.filter(({ name }) => /\.gguf$/i.test(name));
	return ggufs.length === 1 ? ggufs : given;
}

/** Name of the chosen folder or single file, else the name in the files. */
export function givenName([first, second]: readonly ByteSource[], read: string): string {
	if (!first) return read;
	const folder = first.name.split(/[/\\]/).at(-2);
	if (folder !== undefined && folder !== '') return folder;
	return second ? read : fileName(first.name).replace(/\.(gguf|bin)$/i, '');
}

const piece = 4 << 20;

/** Copies files into the entry that was begun for them, and checks them. */
export async function copyIn(
	library: Library,
	entry: LibraryEntry,
	sources: readonly ByteSource[],
	signal: AbortSignal,
	onProgress: (file: string, bytes: number) => void,
): Promise<LibraryEntry> {
	const space = await library.space();
	if (space && entry.bytes > space.quota - space.used)
		throw new LibraryError(
			'full',
			`"${entry.name}" needs ${Math.ceil(entry.bytes / 1e6)} MB, but ${Math.floor((space.quota - space.used) / 1e6)} MB are free: delete models or runs, or free disk space.`,
		);
	let copied = 0;
	let newest = entry;
	for (const source of sources) {
		const file = fileName(source.name);
		const writer = await library.append(entry.id, file, { anew: true });
		try {
			for (let at = 0; at < source.size; at += piece) {
				const to = Math.min(source.size, at + piece);
				await writer.write(await source.read(at, to, signal));
				copied += to - at;
				onProgress(file, copied);
			}
		} finally {
			await writer.close();
		}
		newest = await library.finish(entry.id, file, { signal });
	}
	return newest;
}
