/**
 * @file A store in a folder (Node): `runs/<id>/run.json`, `runs/<id>/experiences.jsonl` and `files/<name>`.
 *
 * A commit first appends its rows, then replaces `run.json` by a rename. That rename is the commit: `run.json` says
 * how many bytes of the rows count, so bytes that a killed process leaves behind do not.
 */
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import {
	asStoreError,
	conflict,
	missingFile,
	namesOf,
	noSuchExperience,
	noSuchRun,
	rowsOf,
} from '../files/errors.ts';
import { openMark, readIfThere, sweepLocks, withFolderLock } from './folder-lock.ts';
import { headFile, readHead, readHeads, type Head } from './directory-head.ts';
import { toJson } from './json.ts';
import { newestFirst } from './memory.ts';
import { filesNamedBy, flatName, nameOfFlat } from './references.ts';
import { appendRows, readLog, readRows, rowsAt, type RowLog } from './row-log.ts';
import { sealOf, unseal } from '../files/seal.ts';
import { unshared } from '../files/sha256.ts';
import type { Files, RunRecord, Store, StoredRow } from './store.ts';
import { StoreError } from './store.ts';

/** No file name holds a plus sign. */
const temporary = '+part';

/** Opens the folder (makes it if there is none), and removes what unfinished writes left. */
export async function openDirectoryStore(root: string): Promise<Store> {
	const at = {
		runs: join(root, 'runs'),
		files: join(root, 'files'),
		lock: join(root, '.lock'),
		trash: join(root, '.trash'),
	};
	const mark = openMark(join(root, '.uncommitted'));
	/** Written by this store, and in no commit yet. */
	const pending = new Set<string>();
	const logs = new Map<string, RowLog>();
	let isOpen = true;

	const folderOf = (id: string): string =>
		join(at.runs, encodeURIComponent(id).replaceAll('.', '%2E').replaceAll('*', '%2A'));
	const headPath = (id: string): string => join(folderOf(id), headFile);
	const rowsPath = (id: string): string => join(folderOf(id), 'experiences.jsonl');

	const attempt = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
		if (!isOpen) throw new StoreError('not-available', 'The store is closed: open it again.');
		try {
			return await work();
		} catch (error) {
			// mistakes of the program stay what they are
			if (error instanceof RangeError || error instanceof TypeError) throw error;
			throw asStoreError(error, `${doing} in "${root}"`);
		}
	};
	const change = <T>(doing: string, work: () => Promise<T>): Promise<T> =>
		attempt(doing, () => withFolderLock(at.lock, work));

	const logOf = async ({ run, rowBytes }: Head): Promise<RowLog> => {
		const log = await readLog(rowsPath(run.id), rowBytes, logs.get(run.id));
		logs.set(run.id, log);
		return log;
	};
	const settle = async (names: Iterable<string>): Promise<void> => {
		for (const name of names) pending.delete(name);
		if (pending.size === 0) await mark.clear();
	};
	/** Garbage collection of files that no run names; postponed if another process is about to commit some. */
	const collect = async (): Promise<void> => {
		if (await mark.others()) return;
		const { sound, areAll } = await readHeads(at.runs);
		if (!areAll) return; // a damaged record may name any of the files
		const used = new Set(sound.flatMap(({ run }) => filesNamedBy(run)));
		for (const flat of await readdir(at.files)) {
			const name = nameOfFlat(flat);
			const isOurs = flat.endsWith(temporary) ? pending.size > 0 : pending.has(name);
			if (!used.has(name) && !isOurs) await rm(join(at.files, flat), { force: true });
		}
		await rm(at.trash, { recursive: true, force: true });
		await sweepLocks(root);
	};
	/** Appends rows and replaces the head, in this order; the rename in it makes both count. */
	const replace = async (
		run: RunRecord,
		log: RowLog,
		rows: readonly StoredRow[],
	): Promise<void> => {
		const added = await appendRows(rowsPath(run.id), log, rows);
		const head: Head = { format: 1, rowBytes: added.bytes, run };
		await writeWhole(headPath(run.id), [new TextEncoder().encode(toJson(head))]);
		for (const range of added.ranges) log.ranges.put(range);
		logs.set(run.id, { ranges: log.ranges, bytes: added.bytes });
	};

	const files: Files = {
		write: (name, bytes) =>
			attempt(`keep "${name}"`, async () => {
				const path = join(at.files, flatName(name));
				pending.add(name);
				await withFolderLock(at.lock, () => mark.set());
				await writeWhole(path, [await sealOf(bytes), unshared(bytes)]);
			}),
		read: (name) =>
			attempt(`read "${name}"`, async () => {
				const sealed = await readIfThere(join(at.files, flatName(name)));
				return sealed === undefined ? undefined : await unseal(name, sealed);
			}),
		delete: (name) =>
			change(`delete "${name}"`, async () => {
				await rm(join(at.files, flatName(name)), { force: true });
				await settle([name]);
			}),
		list: (prefix = '') =>
			attempt('list the files', async () =>
				(await readdir(at.files))
					.filter((flat) => !flat.endsWith(temporary))
					.map(nameOfFlat)
					.filter((name) => name.startsWith(prefix))
					.sort(),
			),
	};

	await attempt('open the store', async () => {
		await mkdir(at.runs, { recursive: true });
		await mkdir(at.files, { recursive: true });
	});
	await change('tidy the store', collect);
	return {
		files,
		runs: () =>
			attempt('list the runs', async () =>
				(await readHeads(at.runs)).sound.map(({ run }) => run).sort(newestFirst),
			),
		run: (id) => attempt('read the run', async () => (await readHead(headPath(id)))?.run),
		commit: (commit) =>
			change('keep this step', async () => {
				const { run } = commit;
				const rows = rowsOf(commit);
				const before = await readHead(headPath(run.id));
				const version = before?.run.version;
				if (run.version !== (version ?? 0) + 1) throw conflict(run.id, version, run.version);
				const named = filesNamedBy(run);
				for (const name of named)
					if (!(await isThere(join(at.files, flatName(name))))) throw missingFile(run.id, name);
				await mkdir(folderOf(run.id), { recursive: true });
				const log = before === undefined ? await readLog('', 0) : await logOf(before);
				await replace(
					{ ...run, name: before?.run.name ?? run.name },
					log,
					rows.map((row) =>
						log.ranges.get(row.id)?.rejected === true ? { ...row, rejected: true } : row,
					),
				);
				await settle(named);
				const dropped =
					before !== undefined && filesNamedBy(before.run).some((n) => !named.includes(n));
				// the step is kept; files that cannot be removed now are removed when a store opens
				if (dropped) await collect().catch(() => undefined);
			}),
		rename: (id, name) =>
			change('rename the run', async () => {
				const head = await readHead(headPath(id));
				if (head === undefined) throw noSuchRun(id);
				await replace({ ...head.run, name }, await logOf(head), []);
			}),
		delete: (id) =>
			change('delete the run', async () => {
				if (!(await isThere(folderOf(id)))) return;
				await mkdir(at.trash, { recursive: true });
				await rename(folderOf(id), join(at.trash, randomUUID())); // at once, however large
				logs.delete(id);
				await collect();
			}),
		experiences: (runId, page) =>
			attempt('read the experiences', async () => {
				const head = await readHead(headPath(runId));
				return head === undefined ? [] : await readRows(rowsPath(runId), await logOf(head), page);
			}),
		countExperiences: (runId) =>
			attempt('count the experiences', async () => {
				const head = await readHead(headPath(runId));
				return head === undefined ? 0 : (await logOf(head)).ranges.size;
			}),
		reject: (runId, id, rejected) =>
			change('mark the experience', async () => {
				const head = await readHead(headPath(runId));
				if (head === undefined) throw noSuchRun(runId);
				const log = await logOf(head);
				const range = log.ranges.get(id);
				if (range === undefined) throw noSuchExperience(runId, id);
				const rows = await rowsAt(rowsPath(runId), [range]);
				await replace(
					head.run,
					log,
					rows.map((row) => ({ ...row, rejected })),
				);
			}),
		space: () =>
			attempt('ask for the room left', async () => {
				const { blocks, bavail, bsize } = await statfs(root);
				return { used: (blocks - bavail) * bsize, quota: blocks * bsize };
			}),
		async close() {
			if (isOpen) await mark.clear();
			isOpen = false;
		},
	};
}

async function isThere(path: string): Promise<boolean> {
	try {
		await stat(path);
		return true;
	} catch (error) {
		if (namesOf(error).has('ENOENT')) return false;
		throw error;
	}
}

/** Atomic write: under another name, flushed, then moved, so that a reader finds the old file or the new one. */
async function writeWhole(path: string, parts: readonly Uint8Array[]): Promise<void> {
	const partial = `${path}+${randomUUID()}${temporary}`;
	try {
		const file = await open(partial, 'w');
		try {
			for (const part of parts) await file.writeFile(part);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(partial, path);
	} catch (error) {
		await rm(partial, { force: true });
		throw error;
	}
	// the folder's own entry; Windows has no such thing
	const folder = await open(dirname(path), 'r').catch(() => undefined);
	await folder?.sync().catch(() => undefined);
	await folder?.close();
}
