/** @file Tables of the page's database, and its connection: opened again if the browser closed it, given up to a newer page. */
import { Dexie, type Table } from 'dexie';
import { asStoreError, isFull, namesOf } from '../../files/errors.ts';
import type { CurvePiece } from '../curve.ts';
import type { RunRecord, StoredRow } from '../store.ts';
import { StoreError } from '../store.ts';

export interface StoredRun {
	readonly id: string;
	/** Names in `run.state`. */
	readonly files: readonly string[];
	/** Its curve is empty, unless it was stored before curves were kept in pieces. */
	readonly run: RunRecord;
	/** Points in `curves`; absent in runs of before. */
	readonly points?: number;
	/** Every row of it has a seal; absent in runs of before. */
	readonly sealed?: true;
}

/** A row with the checksum of its JSON. */
export interface SealedRow extends StoredRow {
	readonly seal?: string;
}

export interface StoredPiece extends CurvePiece {
	readonly runId: string;
	readonly seal: string;
}

export type RowTable = Table<SealedRow, [runId: string, id: string]>;

export interface Tables {
	readonly runs: Table<StoredRun, string>;
	readonly experiences: RowTable;
	readonly curves: Table<StoredPiece, [runId: string, from: number]>;
	/** Files, if the browser has no OPFS. */
	readonly bytes: Table<{ readonly name: string; readonly bytes: Uint8Array }, string>;
}

export interface Connection {
	readonly db: Dexie;
	readonly tables: Tables;
	/** Runs `work` with an open database; `needed` bytes are named if there is no room. */
	attempt<T>(doing: string, work: () => Promise<T>, needed?: number): Promise<T>;
	close(): void;
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

/** Waits before each retry, milliseconds: while the browser clears the site's data it closes every connection opened meanwhile, too. */
const waits = [0, 100, 300, 1000] as const;

export function connect(name: string): Connection {
	const db = new Dexie(name, {
		autoOpen: false,
		chromeTransactionDurability: 'strict', // a finished step is on the disk, not in a cache
	});
	db.version(1).stores({
		runs: 'id, *files',
		experiences: '[runId+id], [runId+t+id]',
		bytes: 'name',
	});
	db.version(2).stores({ runs: 'id', curves: '[runId+from]' });
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
	return {
		db,
		tables: {
			runs: db.table('runs'),
			experiences: db.table('experiences'),
			curves: db.table('curves'),
			bytes: db.table('bytes'),
		},
		async attempt(doing, work, needed) {
			try {
				for (let tries = 0; ; tries++) {
					try {
						await ready();
						return await work();
					} catch (error) {
						const wait = waits[tries];
						if (error instanceof StoreError || !isGone(error) || wait === undefined) throw error;
						db.close();
						await new Promise((resume) => setTimeout(resume, wait));
					}
				}
			} catch (error) {
				if (error instanceof RangeError) throw error; // a mistake of the program
				throw asStoreError(error, doing, isFull(error) ? { needed, free: await free() } : {});
			}
		},
		close() {
			state = 'closed';
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

export async function space(): Promise<{ used: number; quota: number } | undefined> {
	// absent outside secure contexts, whatever the type says
	const storage = navigator.storage as StorageManager | undefined;
	const { usage, quota } = (await storage?.estimate()) ?? {};
	return usage === undefined || quota === undefined ? undefined : { used: usage, quota };
}

async function free(): Promise<number | undefined> {
	const found = await space().catch(() => undefined);
	return found && found.quota - found.used;
}
