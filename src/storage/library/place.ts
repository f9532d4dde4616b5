/** @file Folder of a model, and the files of an earlier download that can be kept. */
import {
	folderName,
	manifestName,
	readManifest,
	type ListedFile,
	type Manifest,
} from './manifest.ts';
import type { LibraryDraft, LibraryEntry } from './library.ts';

/** The folder of this source; a free one if another model has that name. */
export async function placeFor(
	draft: LibraryDraft,
	entries: readonly LibraryEntry[],
	disk: {
		names(): Promise<readonly string[]>;
		read(folder: string, file: string): Promise<string | undefined>;
	},
): Promise<{ readonly id: string; readonly before?: Manifest }> {
	const { source } = draft;
	const first = folderName(source.kind === 'hub' ? idOfHub(draft) : draft.name);
	const taken = new Set((await disk.names()).map((name) => name.toLowerCase()));
	for (let n = 1; ; n++) {
		const id = n === 1 ? first : `${first}-${n}`;
		if (!taken.has(id.toLowerCase())) return { id };
		const there = entries.find((entry) => entry.id.toLowerCase() === id.toLowerCase());
		if (!there || !isResumable(there, draft)) continue;
		const text = await disk.read(there.id, manifestName);
		const before = text === undefined ? undefined : readManifest(text);
		return { id: there.id, ...(before ? { before } : {}) };
	}
}

/** One file of a repository (a GGUF among several) is a model of its own. */
function idOfHub({ source, files }: LibraryDraft): string {
	const repository = source.kind === 'hub' ? source.repository : '';
	const [only] = files;
	const one = files.length === 1 && only ? only.name.replace(/\.gguf$/i, '') : undefined;
	return one === undefined ? repository : `${repository}/${one}`;
}

function isResumable(there: LibraryEntry, draft: LibraryDraft): boolean {
	const { source } = there;
	if (source.kind !== draft.source.kind) return false;
	// Files of a person have no name of their own: only what was cut off is begun again.
	if (source.kind === 'files' || draft.source.kind === 'files') return there.state === 'partial';
	if (source.repository !== draft.source.repository) return false;
	return source.revision === draft.source.revision || there.state === 'partial';
}

/** The same content is promised. */
const isSame = (a: ListedFile, b: ListedFile): boolean =>
	a.name === b.name && a.bytes === b.bytes && a.sha256 === b.sha256 && a.gitSha1 === b.gitSha1;

/** Keeps entries of `before` whose content is unchanged; they are in the result as they are. */
export function withKept(wanted: Manifest, before: Manifest): Manifest {
	const sameSource = JSON.stringify(wanted.source) === JSON.stringify(before.source);
	return {
		...wanted,
		name: before.name,
		addedAt: before.addedAt,
		files: wanted.files.map((file) => {
			const old = before.files.find((other) => other.name === file.name);
			// Without a hash, only the same commit promises the same content.
			const isOurs = old && isSame(withoutOwnHash(old, file), file);
			return isOurs && (sameSource || file.sha256 !== undefined || file.gitSha1 !== undefined)
				? old
				: file;
		}),
	};
}

/** A hash computed here is no difference if the source stated none. */
const withoutOwnHash = (old: ListedFile, wanted: ListedFile): ListedFile => {
	if (wanted.sha256 !== undefined) return old;
	const { sha256: _sha256, ...rest } = old;
	return rest;
};
