/**
 * @file The store of the page: records in IndexedDB through Dexie, files in OPFS (or in IndexedDB if there is none).
 *
 * The browser may close the database (cleared site data, lost process): a call opens it again. Another
 * tab may want to upgrade it: this one lets go and says so from then on.
 */
import {
	conflict,
	damagedExperience,
	missingFile,
	noSuchExperience,
	noSuchRun,
	rowsOf,
} from '../files/errors.ts';
import { openOpfs } from '../files/opfs.ts';
import { hasExpired } from '../files/trash.ts';
import { filesIn } from './dexie/bytes.ts';
import { openRow, openRowPages, sealRow } from './dexie/rows.ts';
import {
	asStored,
	deleteRun,
	extendCurve,
	filesInUse,
	readEntries,
	wholeRun,
} from './dexie/runs.ts';
import { connect, space } from './dexie/tables.ts';
import { checkRecord, soundRuns } from './entry.ts';
import { checkFileName, filesNamedBy } from './references.ts';
import type { Files, Store } from './store.ts';
import { openAnnouncer, openClaim, watchRuns, type RunChange } from './watch.ts';

export interface DexieStoreOptions {
	/** Database and OPFS folder. */
	readonly name?: string;
	/** False keeps files in IndexedDB even if there is OPFS. */
	readonly opfs?: boolean;
}

/** Opens the database, and removes what unfinished writes left. */
export async function openDexieStore(options: DexieStoreOptions = {}): Promise<Store> {
	const { name = 'evolvarium', opfs = true } = options;
	const { db, tables, attempt, close } = connect(name);
	await attempt('open the stored runs', async () => undefined);
	const disk = (opfs ? await openOpfs(name) : undefined) ?? filesIn(tables.bytes);
	const claim = openClaim(name);
	const announcer = openAnnouncer(name);
	/** Written by this store, and in no commit yet. */
	const pending = new Set<string>();
	const settle = (names: Iterable<string>): void => {
		for (const file of names) pending.delete(file);
		if (pending.size === 0) claim.release();
	};
	/** Deletes files that a commit or a delete dropped; postponed if another tab is about to commit some. */
	const drop = async (names: readonly string[]): Promise<void> => {
		if (names.length === 0) return;
		await claim.unlessOthers(async () => {
			const used = await filesInUse(tables);
			for (const file of names)
				if (used?.has(file) === false && !pending.has(file)) await disk.delete(file);
		});
	};
	/** Files that no run names go to the trash and are deleted after some days; one that is named again is taken back. */
	const sweep = async (): Promise<void> => {
		await claim.unlessOthers(async () => {
			await disk.sweep();
			const used = await filesInUse(tables);
			for (const file of used ?? []) if (!(await disk.has(file))) await disk.restore(file);
			if (used) await disk.purge((trashed) => hasExpired(trashed, Date.now()));
			for (const file of await disk.list())
				if (used?.has(file) === false && !pending.has(file)) await disk.discard(file, Date.now());
		});
	};
	const files: Files = {
		async write(file, bytes) {
			checkFileName(file);
			const write = async (): Promise<void> => {
				pending.add(file);
				await claim.hold();
				try {
					await disk.write(file, bytes);
				} catch (error) {
					settle([file]);
					throw error;
				}
			};
			await attempt('keep the weights', write, bytes.length);
		},
		read: (file) => attempt('read the weights', () => disk.read(file)),
		delete: (file) =>
			attempt('delete a file', async () => {
				await disk.delete(file);
				settle([file]);
			}),
		list: (prefix) => attempt('list the files', () => disk.list(prefix)),
	};
	const pages = openRowPages(tables);
	const stopWatching = watchRuns(() => pages.forget(), name);
	/** Notifies the other tabs and clears this store's cached order of rows. */
	const announce = (change: RunChange): void => {
		pages.forget();
		announcer.announce(change);
	};

	// a full disk must not keep a person from opening the store to delete runs
	await sweep().catch(() => undefined);
	const entries: Store['entries'] = () => attempt('list the runs', () => readEntries(tables));
	return {
		files,
		entries,
		runs: async () => soundRuns(await entries()),
		run: (id) =>
			attempt('read the run', async () => {
				const stored = await tables.runs.get(id);
				return stored && (await wholeRun(tables, stored));
			}),
		commit: (commit) =>
			attempt('keep this step', async () => {
				const { run } = commit;
				const rows = rowsOf(commit);
				const named = filesNamedBy(run);
				const known = new Set((await tables.runs.get(run.id))?.files);
				for (const file of named)
					if (!known.has(file) && !(await disk.has(file))) throw missingFile(run.id, file);
				const { runs, experiences, curves } = tables;
				const before = await db.transaction('rw', runs, experiences, curves, async () => {
					const stored = await runs.get(run.id);
					const old = stored && checkRecord(run.id, stored.run);
					if (run.version !== (old?.version ?? 0) + 1)
						throw conflict(run.id, old?.version, run.version);
					const rowsBefore = await experiences.bulkGet(rows.map(({ id }) => [run.id, id]));
					const sealed = stored === undefined || stored.sealed === true;
					await runs.put({
						id: run.id,
						files: named,
						points: await extendCurve(tables, stored, run),
						run: { ...run, curve: [], name: old?.name ?? run.name },
						...(sealed && { sealed }),
					});
					await experiences.bulkPut(
						rows.map((row, i) =>
							sealRow(rowsBefore[i]?.rejected === true ? { ...row, rejected: true } : row),
						),
					);
					return old;
				});
				settle(named);
				announce({ runId: run.id, version: run.version });
				const old = before === undefined ? [] : filesNamedBy(before);
				// the step is kept; a file that cannot be deleted now is swept when a store opens
				await drop(old.filter((file) => !named.includes(file))).catch(() => undefined);
			}),
		rename: (id, newName) =>
			attempt('rename the run', async () => {
				const run = await db.transaction('rw', tables.runs, async () => {
					const stored = await tables.runs.get(id);
					if (stored === undefined) throw noSuchRun(id);
					const old = checkRecord(id, stored.run);
					await tables.runs.put({ ...stored, run: { ...old, name: newName } });
					return old;
				});
				announce({ runId: id, version: run.version });
			}),
		delete: (id) =>
			attempt('delete the run', async () => {
				const { runs, experiences, curves } = tables;
				const stored = await runs.get(id);
				await db.transaction('rw', runs, experiences, curves, () => deleteRun(tables, id));
				announce({ runId: id, version: null });
				// the run is gone; a file that cannot be deleted now is swept when a store opens
				await drop(namesIn(stored?.run)).catch(() => undefined);
			}),
		asStored: (id) => attempt('read the run', () => asStored(tables, id)),
		experiences: (runId, page) => attempt('read the experiences', () => pages.page(runId, page)),
		countExperiences: (runId) => attempt('count the experiences', () => pages.count(runId)),
		reject: (runId, id, rejected) =>
			attempt('mark the experience', async () => {
				await db.transaction('rw', tables.runs, tables.experiences, async () => {
					const stored = await tables.experiences.get([runId, id]);
					if (stored === undefined) throw noSuchExperience(runId, id);
					const row = openRow(stored, (await tables.runs.get(runId))?.sealed === true);
					if (row.damaged !== undefined) throw damagedExperience(id);
					await tables.experiences.put(sealRow({ ...row, rejected }));
				});
				const version = (await tables.runs.get(runId))?.run.version ?? null;
				announce({ runId, version });
			}),
		trash: () => attempt('look into the trash', () => disk.trash()),
		emptyTrash: () => attempt('empty the trash', () => disk.purge(() => true)),
		space: () => attempt('ask for the room left', space),
		async close() {
			claim.release();
			stopWatching();
			announcer.close();
			close();
		},
	};
}

/** Files that a record names, however damaged it is. */
const namesIn = (run: unknown): readonly string[] =>
	typeof run === 'object' && run !== null && 'state' in run
		? filesNamedBy({ state: run.state })
		: [];
