/** @file Files and folders out of a drop or a file dialog, each with its path. */
import type { GivenFile } from '#library/library-api.ts';

/** A whole disk dropped by mistake ends here. */
const mostFiles = 500;

/** Files of a file input, with their paths if a folder was chosen. */
export const givenOf = (files: Iterable<File>): readonly GivenFile[] =>
	[...files]
		.slice(0, mostFiles)
		.map((file) => ({ name: file.webkitRelativePath || file.name, blob: file }));

/** Dropped files, those in folders included; must be called synchronously in the drop event's listener. */
export async function droppedFiles(data: DataTransfer): Promise<readonly GivenFile[]> {
	const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
	const plain = givenOf(data.files);
	if (!entries.some(({ isDirectory }) => isDirectory)) return plain;
	const found: GivenFile[] = [];
	for (const entry of entries) await walk(entry, found);
	return found;
}

async function walk(entry: FileSystemEntry, found: GivenFile[]): Promise<void> {
	if (found.length >= mostFiles) return;
	if (isFile(entry)) {
		const blob = await new Promise<File>((give, fail) => entry.file(give, fail));
		found.push({ name: entry.fullPath.replace(/^\//, ''), blob });
	} else if (isFolder(entry)) {
		const reader = entry.createReader();
		for (;;) {
			// A reader gives some hundred entries at a time, and none at the end.
			const some = await new Promise<readonly FileSystemEntry[]>((give, fail) =>
				reader.readEntries(give, fail),
			);
			if (some.length === 0) return;
			for (const one of some) await walk(one, found);
		}
	}
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;
