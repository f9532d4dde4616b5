/**
 * @file The store of the page: records in IndexedDB through Dexie, files in OPFS (or in IndexedDB if there is none).
 *
 * The browser may close the database (cleared site data, lost process): a call opens it again. Another
 * tab may want to upgrade it: this one lets go and says so from then on.
 */
import { Dexie, type Table } from 'dexie';
import { matches } from '#base/schema.ts';
import {
	asStoreError,
	conflict,
	damagedRun,
	missingFile,
	namesOf,
	noSuchExperience,
	noSuchRun,
	rowsOf,
} from '../files/errors.ts';
import { openRowPages, type RowTable } from './dexie-rows.ts';
import { newestFirst } from './memory.ts';
import { openOpfs, type SweptFiles } from '../files/opfs.ts';
import { storedRunSchema } from './record.ts';
import { checkFileName, filesNamedBy } from './references.ts';
import type { Files, RunRecord, Store } from './store.ts';
import { StoreError } from './store.ts';
import { openAnnouncer, openClaim, watchRuns, type RunChange } from './watch.ts';

interface StoredRun {
	readonly id: string;
	/** Names in `run.state`, indexed: which files are in use is read without reading the runs. */
	readonly files: readonly string[];
	readonly run: RunRecord;
}
interface Tables {
	readonly runs: Table<StoredRun, string>;
	readonly experiences: RowTable;
	/** Files, if the browser has no OPFS. */
	readonly bytes: Table<{ readonly name: string; readonly bytes: Uint8Array }, string>;
}

/** Names of the errors of a connection that the browser closed, before or in the middle of a call. */
const gone = [
	'DatabaseClosedError',
	'InvalidStateError',
	'UnknownError',
	'NotFoundError',
	'AbortError',
];

/** True if the call is worth a retry with a new connection. */
function isGone(error: unknown): boolean {
	const names = namesOf(error);
	// a transaction is aborted on a full disk too
	return gone.some((name) => names.has(name)) && !names.has('QuotaExceededError');
}

/** Clearing the site's data can close the connection that was opened meanwhile, too. */
const mostTries = 3;

export interface DexieStoreOptions {
	/** Database and OPFS folder. */
	readonly name?: string;
	/** False keeps files in IndexedDB even if there is OPFS. */
	readonly opfs?: boolean;
}

/** Opens the database, and removes what unfinished writes left. */
export async function openDexieStore(options: DexieStoreOptions = {}): Promise<Store> {
	const { name = 'evolvarium', opfs = true } = options;
	const db = new Dexie(name, {
		autoOpen: false,
		chromeTransactionDurability: 'strict', // a finished step is on the disk, not in a cache
	});
	db.version(1).stores({
		runs: 'id, *files',
		experiences: '[runId+id], [runId+t+id]',
		bytes: 'name',
	});
	const tables: Tables = {
		runs: db.table('runs'),
		experiences: db.table('experiences'),
		bytes: db.table('bytes'),
	};
	let state: 'open' | 'outdated' | 'closed' = 'open';
	db.on('versionchange', ({ newVersion }) => {
		if (newVersion !== null) state = 'outdated'; // null: deleted; the next call makes it anew
		db.close();
		return false; // instead of Dexie's own warning
	});

	const ready = async (): Promise<void> => {
		if (state === 'closed')
			throw new StoreError('not-available', 'The store is closed: open it again.');
		if (state === 'outdated')
			throw new StoreError(
				'blocked',
				'A newer version of this page took over the stored runs: reload this tab.',
			);
		if (!db.isOpen()) await openOrSayBlocked(db);
	};
	/** Runs `work` with an open database; retries once if the browser had closed it. */
	const attempt = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
		try {
			for (let tries = 1; ; tries++) {
				await ready();
				try {
					return await work();
				} catch (error) {
					if (!isGone(error) || tries === mostTries) throw error;
					db.close();
				}
			}
		} catch (error) {
			if (error instanceof RangeError) throw error; // a mistake of the program
			throw asStoreError(error, doing);
		}
	};

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
	/** Garbage collection of files that no run names; postponed if another tab is about to commit some. */
	const collect = async (alsoSweep = false): Promise<void> => {
		await claim.unlessOthers(async () => {
			if (alsoSweep) await disk.sweep();
			const used = new Set<unknown>(await tables.runs.orderBy('files').uniqueKeys());
			for (const file of await disk.list())
				if (!used.has(file) && !pending.has(file)) await disk.delete(file);
		});
	};
	const files: Files = {
		async write(file, bytes) {
			checkFileName(file);
			await attempt('keep the weights', async () => {
				pending.add(file);
				await claim.hold();
				try {
					await disk.write(file, bytes);
				} catch (error) {
					settle([file]);
					throw error;
				}
			});
		},
		read: (file) => attempt('read the weights', () => disk.read(file)),
		delete: (file) =>
			attempt('delete a file', async () => {
				await disk.delete(file);
				settle([file]);
			}),
		list: (prefix) => attempt('list the files', () => disk.list(prefix)),
	};
	const pages = openRowPages(tables.experiences);
	const stopWatching = watchRuns(() => pages.forget(), name);
	/** Notifies the other tabs and clears this store's cached order of rows. */
	const announce = (change: RunChange): void => {
		pages.forget();
		announcer.announce(change);
	};

	// a full disk must not keep a person from opening the store to delete runs
	await collect(true).catch(() => undefined);
	return {
		files,
		runs: () =>
			attempt('list the runs', async () =>
				(await tables.runs.toArray())
					.map(({ run }) => run)
					.filter((run) => matches<unknown>(storedRunSchema, run))
					.sort(newestFirst),
			),
		run: (id) =>
			attempt('read the run', async () => {
				const stored = await tables.runs.get(id);
				if (stored === undefined || matches<unknown>(storedRunSchema, stored.run))
					return stored?.run;
				throw damagedRun(id);
			}),
		commit: (commit) =>
			attempt('keep this step', async () => {
				const { run } = commit;
				const rows = rowsOf(commit);
				const named = filesNamedBy(run);
				const known = new Set((await tables.runs.get(run.id))?.files);
				for (const file of named)
					if (!known.has(file) && !(await disk.has(file))) throw missingFile(run.id, file);
				const before = await db.transaction('rw', tables.runs, tables.experiences, async () => {
					const stored = await tables.runs.get(run.id);
					const version = stored?.run.version;
					if (run.version !== (version ?? 0) + 1) throw conflict(run.id, version, run.version);
					const old = await tables.experiences.bulkGet(rows.map(({ id }) => [run.id, id]));
					await tables.runs.put({
						id: run.id,
						files: named,
						run: { ...run, name: stored?.run.name ?? run.name },
					});
					await tables.experiences.bulkPut(
						rows.map((row, i) => (old[i]?.rejected === true ? { ...row, rejected: true } : row)),
					);
					return stored;
				});
				settle(named);
				announce({ runId: run.id, version: run.version });
				// the step is kept; files that cannot be removed now are removed when a store opens
				if (before?.files.some((file) => !named.includes(file)))
					await collect().catch(() => undefined);
			}),
		rename: (id, newName) =>
			attempt('rename the run', async () => {
				const run = await db.transaction('rw', tables.runs, async () => {
					const stored = await tables.runs.get(id);
					if (stored === undefined) throw noSuchRun(id);
					await tables.runs.put({ ...stored, run: { ...stored.run, name: newName } });
					return stored.run;
				});
				announce({ runId: id, version: run.version });
			}),
		delete: (id) =>
			attempt('delete the run', async () => {
				await db.transaction('rw', tables.runs, tables.experiences, async () => {
					await tables.runs.delete(id);
					await tables.experiences
						.where('[runId+id]')
						.between([id, Dexie.minKey], [id, Dexie.maxKey])
						.delete();
				});
				announce({ runId: id, version: null });
				await collect().catch(() => undefined); // the run is gone; its files go when a store opens
			}),
		experiences: (runId, page) => attempt('read the experiences', () => pages.page(runId, page)),
		countExperiences: (runId) => attempt('count the experiences', () => pages.count(runId)),
		reject: (runId, id, rejected) =>
			attempt('mark the experience', async () => {
				const changed = await tables.experiences.update([runId, id], { rejected });
				// Dexie counts a row that already was so as unchanged
				if (changed === 0 && (await tables.experiences.get([runId, id])) === undefined)
					throw noSuchExperience(runId, id);
				const version = (await tables.runs.get(runId))?.run.version ?? null;
				announce({ runId, version });
			}),
		space: () => attempt('ask for the room left', space),
		async close() {
			state = 'closed';
			claim.release();
			stopWatching();
			announcer.close();
			db.close();
		},
	};
}

/** Dexie waits for other tabs without a timeout; a person should get an error. */
async function openOrSayBlocked(db: Dexie): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const refuse = (): boolean => {
			reject(
				new StoreError(
					'blocked',
					'Another tab holds an older version of the stored runs: close the other tabs of this page and reload.',
				),
			);
			db.close();
			return false; // instead of Dexie's own warning
		};
		db.on('blocked', refuse);
		db.open()
			.then(() => resolve(), reject)
			.finally(() => db.on('blocked').unsubscribe(refuse));
	});
}

/** Files as rows of the database: for browsers without OPFS. A row is whole by itself and needs no seal. */
function filesIn(table: Tables['bytes']): SweptFiles {
	return {
		async write(name, bytes) {
			await table.put({ name: checkFileName(name), bytes: new Uint8Array(bytes) });
		},
		read: async (name) => (await table.get(checkFileName(name)))?.bytes,
		delete: async (name) => await table.delete(checkFileName(name)),
		list: async (prefix = '') => await table.where('name').startsWith(prefix).primaryKeys(),
		has: async (name) => (await table.where('name').equals(name).count()) > 0,
		sweep: async () => undefined,
	};
}

async function space(): Promise<{ used: number; quota: number } | undefined> {
	// absent outside secure contexts, whatever the type says
	const storage = navigator.storage as StorageManager | undefined;
	const { usage, quota } = (await storage?.estimate()) ?? {};
	return usage === undefined || quota === undefined ? undefined : { used: usage, quota };
}
