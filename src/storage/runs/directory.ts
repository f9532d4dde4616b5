/**
 * @file A store in a folder (Node): `runs/<id>/` with `run.json`, `experiences.jsonl` and `curve.jsonl`, and `files/<name>`.
 *
 * A commit first appends its rows and the new points of its curve, then replaces `run.json` by a rename. That rename is the commit: `run.json` says
 * how many bytes of both count, so bytes that a killed process leaves behind do not.
 */
import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import {
	asStoreError,
	conflict,
	damagedExperience,
	isFull,
	missingFile,
	noSuchExperience,
	noSuchRun,
	rowsOf,
	type Room,
} from '../files/errors.ts';
import { sealOf, unseal } from '../files/seal.ts';
import { unshared } from '../files/sha256.ts';
import { pieceAfter } from './curve.ts';
import { soundRuns } from './entry.ts';
import { readHead, wholeRun, type Head } from './folder/head.ts';
import { appendLines } from './folder/lines.ts';
import { openMark, readIfThere, sweepLocks, withFolderLock } from './folder/lock.ts';
import { curveFile, headFile, rowsFile } from './folder/names.ts';
import { appendRows, emptyLog, readLog, readRows, rowsAt, type RowLog } from './folder/row-log.ts';
import { folderName, openTidy, orNone, readEntries } from './folder/tidy.ts';
import { freeIn, isThere, temporary, writeWhole } from './folder/write.ts';
import { toJson } from './json.ts';
import { filesNamedBy, flatName, nameOfFlat } from './references.ts';
import { toSealedJson } from './seal.ts';
import type { Files, RunRecord, Store, StoredRow } from './store.ts';
import { StoreError } from './store.ts';

export interface DirectoryStoreOptions {
	/** Changes nothing in the folder, not even to tidy it or to make it. */
	readonly readOnly?: boolean;
}

/** Opens the folder; for writing, makes it if there is none and sweeps what unfinished writes left. */
export async function openDirectoryStore(
	root: string,
	{ readOnly = false }: DirectoryStoreOptions = {},
): Promise<Store> {
	const at = {
		runs: join(root, 'runs'),
		files: join(root, 'files'),
		lock: join(root, '.lock'),
		trash: join(root, '.trash'),
	};
	const mark = openMark(join(root, '.uncommitted'));
	const tidy = openTidy(at);
	/** Written by this store, and in no commit yet. */
	const pending = new Set<string>();
	const logs = new Map<string, RowLog>();
	let isOpen = true;

	const folderOf = (id: string): string => join(at.runs, folderName(id));
	const headOf = (id: string): Promise<Head | undefined> => readHead(folderOf(id), id);
	const rowsPath = (id: string): string => join(folderOf(id), rowsFile);

	const attempt = async <T>(doing: string, work: () => Promise<T>, needed?: number): Promise<T> => {
		if (!isOpen) throw new StoreError('not-available', 'The store is closed: open it again.');
		try {
			return await work();
		} catch (error) {
			// mistakes of the program stay what they are
			if (error instanceof RangeError || error instanceof TypeError) throw error;
			const room: Room = isFull(error) ? { needed, free: await freeIn(root) } : {};
			throw asStoreError(error, `${doing} in "${root}"`, room);
		}
	};
	const change = <T>(doing: string, work: () => Promise<T>): Promise<T> =>
		attempt(doing, async () => {
			if (readOnly) throw onlyRead(doing);
			return await withFolderLock(at.lock, work);
		});

	const logOf = async ({ run, rowBytes, sealedFrom }: Head): Promise<RowLog> => {
		const log = await readLog(rowsPath(run.id), rowBytes, sealedFrom, logs.get(run.id));
		logs.set(run.id, log);
		return log;
	};
	const settle = async (names: Iterable<string>): Promise<void> => {
		for (const name of names) pending.delete(name);
		if (pending.size === 0) await mark.clear();
	};
	/** Postponed if another process is about to commit files. */
	const drop = async (names: readonly string[]): Promise<void> => {
		if (!(await mark.others())) await tidy.drop(names.filter((name) => !pending.has(name)));
	};
	const sweep = async (): Promise<void> => {
		if (await mark.others()) return;
		await tidy.sweep((flat) =>
			flat.endsWith(temporary) ? pending.size > 0 : pending.has(nameOfFlat(flat)),
		);
		await sweepLocks(root);
	};
	/** Appends what is new and replaces the head, in this order; the rename in it makes both count. */
	const replace = async (
		run: RunRecord,
		before: Head | undefined,
		log: RowLog,
		rows: readonly StoredRow[],
	): Promise<void> => {
		const added = await appendRows(rowsPath(run.id), log, rows);
		const head: Head = {
			format: 2,
			rowBytes: added.bytes,
			sealedFrom: log.sealedFrom,
			curve: await extendCurve(folderOf(run.id), before?.curve, run),
			run: { ...run, curve: [] },
		};
		const bytes = new TextEncoder().encode(toJson(head));
		await writeWhole(join(folderOf(run.id), headFile), [bytes]);
		for (const range of added.ranges) log.ranges.put(range);
		const lines = log.lines + rows.length;
		logs.set(run.id, { ...log, bytes: added.bytes, lines });
	};

	const files: Files = {
		write: (name, bytes) =>
			attempt(
				`keep "${name}"`,
				async () => {
					if (readOnly) throw onlyRead(`keep "${name}"`);
					const path = join(at.files, flatName(name));
					pending.add(name);
					await withFolderLock(at.lock, () => mark.set());
					await writeWhole(path, [await sealOf(bytes), unshared(bytes)]);
				},
				bytes.length,
			),
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
				(await readdir(at.files).catch(orNone))
					.filter((flat) => !flat.endsWith(temporary))
					.map(nameOfFlat)
					.filter((name) => name.startsWith(prefix))
					.sort(),
			),
	};
	const entries: Store['entries'] = () => attempt('list the runs', () => readEntries(at.runs));

	if (!readOnly) {
		await attempt('open the store', async () => {
			await mkdir(at.runs, { recursive: true });
			await mkdir(at.files, { recursive: true });
		});
		await change('tidy the store', sweep);
	}
	return {
		files,
		entries,
		runs: async () => soundRuns(await entries()),
		run: (id) =>
			attempt('read the run', async () => {
				const head = await headOf(id);
				return head === undefined ? undefined : await wholeRun(folderOf(id), head);
			}),
		commit: (commit) =>
			change('keep this step', async () => {
				const { run } = commit;
				const rows = rowsOf(commit);
				const before = await headOf(run.id);
				const version = before?.run.version;
				if (run.version !== (version ?? 0) + 1) throw conflict(run.id, version, run.version);
				const named = filesNamedBy(run);
				for (const name of named)
					if (!(await isThere(join(at.files, flatName(name))))) throw missingFile(run.id, name);
				await mkdir(folderOf(run.id), { recursive: true });
				const log = before === undefined ? emptyLog() : await logOf(before);
				await replace(
					{ ...run, name: before?.run.name ?? run.name },
					before,
					log,
					rows.map((row) =>
						log.ranges.get(row.id)?.rejected === true ? { ...row, rejected: true } : row,
					),
				);
				await settle(named);
				const old = before === undefined ? [] : filesNamedBy(before.run);
				// the step is kept; a file that cannot be deleted now is swept when the store opens
				await drop(old.filter((name) => !named.includes(name))).catch(() => undefined);
			}),
		rename: (id, name) =>
			change('rename the run', async () => {
				const head = await headOf(id);
				if (head === undefined) throw noSuchRun(id);
				const run = await wholeRun(folderOf(id), head);
				await replace({ ...run, name }, head, await logOf(head), []);
			}),
		delete: (id) =>
			change('delete the run', async () => {
				if (!(await isThere(folderOf(id)))) return;
				const head = await headOf(id).catch(() => undefined); // damaged: its files are not known
				await tidy.discard(folderOf(id));
				logs.delete(id);
				if (head !== undefined) await drop(filesNamedBy(head.run));
			}),
		asStored: (id) =>
			attempt('read the run', async () => {
				const found = new Map<string, Uint8Array>();
				for (const name of [headFile, rowsFile, curveFile]) {
					const bytes = await readIfThere(join(folderOf(id), name));
					if (bytes !== undefined) found.set(name, new Uint8Array(bytes));
				}
				return found;
			}),
		experiences: (runId, page) =>
			attempt('read the experiences', async () => {
				const head = await headOf(runId);
				if (head === undefined) return [];
				return await readRows(rowsPath(runId), runId, await logOf(head), page);
			}),
		countExperiences: (runId) =>
			attempt('count the experiences', async () => {
				const head = await headOf(runId);
				return head === undefined ? 0 : (await logOf(head)).ranges.size;
			}),
		reject: (runId, id, rejected) =>
			change('mark the experience', async () => {
				const head = await headOf(runId);
				if (head === undefined) throw noSuchRun(runId);
				const log = await logOf(head);
				const range = log.ranges.get(id);
				if (range === undefined) throw noSuchExperience(runId, id);
				const [row] = await rowsAt(rowsPath(runId), runId, log, [range]);
				if (row === undefined || row.damaged !== undefined) throw damagedExperience(id);
				const run = await wholeRun(folderOf(runId), head);
				await replace(run, head, log, [{ ...row, rejected }]);
			}),
		trash: () => attempt('look into the trash', () => tidy.trash()),
		emptyTrash: () => change('empty the trash', () => tidy.empty()),
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

const onlyRead = (doing: string): StoreError =>
	new StoreError('not-available', `Could not ${doing}: this command only reads.`);

/** Appends the points that are not stored yet. */
async function extendCurve(
	folder: string,
	stored: Head['curve'] = { bytes: 0, points: 0 },
	{ curve }: RunRecord,
): Promise<Head['curve']> {
	const piece = pieceAfter(stored.points, curve);
	if (piece === undefined) return curve.length === 0 ? { bytes: 0, points: 0 } : stored;
	const counted = piece.from === 0 ? 0 : stored.bytes;
	const { end } = await appendLines(join(folder, curveFile), counted, [toSealedJson(piece)]);
	return { bytes: end, points: curve.length };
}
