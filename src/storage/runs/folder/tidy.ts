/**
 * @file Garbage collection of a store in a folder (Node): files that no run names go to a trash, and stay there for days.
 *
 * Nothing is swept while any record cannot be read, since it may name every file.
 */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { damagedRun, namesOf } from '../../files/errors.ts';
import { hasExpired, newestTrashed, trashName, type Trash } from '../../files/trash.ts';
import { entryOf, inOrder } from '../entry.ts';
import { filesNamedBy, flatName, isFileName, nameOfFlat } from '../references.ts';
import type { RunRecord, StoredEntry } from '../record.ts';
import { readHead, wholeRun, type Head } from './head.ts';
import { curveFile, headFile, rowsFile } from './names.ts';
import { temporary } from './write.ts';

const ownFiles = new Set([headFile, rowsFile, curveFile]);

/** Folders of runs by id. A folder without any file of a run in it is somebody else's and passed over. */
async function runFolders(runs: string): Promise<ReadonlyMap<string, string>> {
	const found = new Map<string, string>();
	for (const entry of await readdir(runs, { withFileTypes: true }).catch(orNone)) {
		if (!entry.isDirectory()) continue;
		const folder = join(runs, entry.name);
		if (!(await readdir(folder)).some((name) => ownFiles.has(name))) continue;
		found.set(idOfFolder(entry.name), folder);
	}
	return found;
}

/** Any text can be an id; a folder that was renamed by hand keeps its name. */
function idOfFolder(name: string): string {
	try {
		return decodeURIComponent(name);
	} catch {
		return name;
	}
}

export const folderName = (id: string): string =>
	encodeURIComponent(id).replaceAll('.', '%2E').replaceAll('*', '%2A');

/** Every run of the folder, sound or damaged. */
export async function readEntries(
	runs: string,
	recordOf: (folder: string, head: Head) => Promise<RunRecord> = wholeRun,
): Promise<readonly StoredEntry[]> {
	const folders = await runFolders(runs);
	const entries = Array.from(folders, ([id, folder]) =>
		entryOf(id, async () => {
			const head = await readHead(folder, id);
			if (head === undefined) throw damagedRun(id, `${headFile} is missing`);
			return await recordOf(folder, head);
		}),
	);
	return inOrder(await Promise.all(entries));
}

/** Files that runs name; undefined if the record of any run cannot be read. */
async function filesInUse(runs: string): Promise<ReadonlySet<string> | undefined> {
	const used = new Set<string>();
	for (const entry of await readEntries(runs, async (_folder, { run }) => run)) {
		if (entry.kind === 'damaged') return undefined;
		for (const name of filesNamedBy(entry.run)) used.add(name);
	}
	return used;
}

export interface Tidy {
	/** Deletes files that a commit or a delete has dropped, unless a run may name them. */
	drop(names: readonly string[]): Promise<void>;
	/** Files that no run names go to the trash and are deleted after some days; one that is named again is taken back. */
	sweep(isPending: (flat: string) => boolean): Promise<void>;
	/** Takes a folder out of the way at once, however large it is, and deletes it. */
	discard(folder: string): Promise<void>;
	trash(): Promise<Trash>;
	empty(): Promise<void>;
}

export function openTidy(at: {
	readonly runs: string;
	readonly files: string;
	readonly trash: string;
}): Tidy {
	const purge = async (isDue: (name: string) => boolean): Promise<void> => {
		for (const name of await readdir(at.trash).catch(orNone))
			if (isDue(name)) await rm(join(at.trash, name), { recursive: true, force: true });
	};
	const toTrash = async (path: string, flat: string, deletedMs: number): Promise<void> => {
		await mkdir(at.trash, { recursive: true });
		await rename(path, join(at.trash, trashName(flat, deletedMs)));
	};
	return {
		async drop(names) {
			const used = names.length === 0 ? undefined : await filesInUse(at.runs);
			if (used === undefined) return;
			const gone = new Set(names.filter((name) => !used.has(name)));
			for (const flat of await readdir(at.files))
				if (gone.has(nameOfFlat(flat))) await rm(join(at.files, flat), { force: true });
		},
		async sweep(isPending) {
			const used = await filesInUse(at.runs);
			if (used === undefined) return;
			const trashed = await readdir(at.trash).catch(orNone);
			const here = new Set(await readdir(at.files));
			for (const flat of [...used].map(flatName)) {
				const entry = here.has(flat) ? undefined : newestTrashed(trashed, flat);
				if (entry !== undefined) await rename(join(at.trash, entry), join(at.files, flat));
			}
			await purge((name) => hasExpired(name, Date.now()));
			for (const entry of await readdir(at.files, { withFileTypes: true })) {
				const flat = entry.name;
				const path = join(at.files, flat);
				if (!entry.isFile() || isPending(flat) || used.has(nameOfFlat(flat))) continue;
				// half a file is of use to nobody
				if (flat.endsWith(temporary)) await rm(path, { force: true });
				else if (isFileName(nameOfFlat(flat))) await toTrash(path, flat, Date.now());
			}
		},
		async discard(folder) {
			await toTrash(folder, crypto.randomUUID(), 0);
			await purge((name) => hasExpired(name, Date.now()));
		},
		async trash() {
			const names = await readdir(at.trash).catch(orNone);
			const sizes = names.map(async (name) => (await stat(join(at.trash, name))).size);
			const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
			return { files: names.length, bytes };
		},
		empty: () => purge(() => true),
	};
}

/** An empty list in place of the error that there is no such folder. */
export function orNone(error: unknown): never[] {
	if (namesOf(error).has('ENOENT')) return [];
	throw error;
}
