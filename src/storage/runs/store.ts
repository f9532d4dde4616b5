/**
 * @file Experiment store: runs, their experience and their weights. One finished step is one `commit`, a transaction.
 *
 * Records live in a database, big bytes in files named by content; a commit writes the files first and
 * refers to them in the transaction, so a torn write leaves an orphan file, never a broken run.
 *
 * A run names a file by a string `file:<name>` anywhere in `record.state` (`fileReference` in `references.ts` makes
 * one). A commit that names a file which is not stored is refused. A file that a commit or a delete drops is deleted
 * with it; one that was written and never committed goes to the trash when a store opens for writing. Neither
 * happens while the record of any run cannot be read: it may name every file.
 */
import { CodedError } from '#base/coded-error.ts';
import type { Trash } from '../files/trash.ts';
import type { RunRecord, StoredEntry } from './record.ts';
import type { FoundRow, StoredRow } from './row.ts';

export type {
	CurvePoint,
	DamagedRun,
	RunCost,
	RunRecipe,
	RunRecord,
	RunStatus,
	StoredEntry,
	TruthRow,
} from './record.ts';
export type { FoundRow, RowTraining, StoredRow } from './row.ts';

export interface Commit {
	/** Its curve only grows: points beyond those stored are appended, and a shorter curve replaces the stored one. */
	readonly run: RunRecord;
	/** Rows to insert or replace, by (runId, id). */
	readonly experiences?: readonly StoredRow[];
}

/**
 * Files by name, content-addressed by the caller; written whole or not at all. A name is words of letters,
 * digits, `.`, `_` and `-` with `/` between them; a damaged file is `corrupt`, never other bytes.
 */
export interface Files {
	write(name: string, bytes: Uint8Array): Promise<void>;
	/** Undefined if there is none. */
	read(name: string): Promise<Uint8Array | undefined>;
	delete(name: string): Promise<void>;
	list(prefix?: string): Promise<readonly string[]>;
}

export interface Store {
	readonly files: Files;
	/** Every run, read one by one: sound ones newest first, then damaged ones. */
	entries(): Promise<readonly StoredEntry[]>;
	/** The sound runs, newest first. */
	runs(): Promise<readonly RunRecord[]>;
	/** Fails with `corrupt` if it is damaged. */
	run(id: string): Promise<RunRecord | undefined>;
	/**
	 * One transaction; refused with code `conflict` when `run.version` is not the stored one plus 1 (1 for a
	 * new run). What a person did elsewhere stays: a stored name, and the `rejected` of a stored row.
	 */
	commit(commit: Commit): Promise<void>;
	/** Leaves the version as it is, so that a training tab is not disturbed. */
	rename(id: string, name: string): Promise<void>;
	/** The run, its rows and the files no other run names. */
	delete(id: string): Promise<void>;
	/** Stored files of a run, byte for byte as far as possible, by name; empty if there is nothing. */
	asStored(id: string): Promise<ReadonlyMap<string, Uint8Array>>;
	/**
	 * Rows of a run in order of (t, id), a page at a time (all without `limit`); `t` narrows to one round. A row
	 * that cannot be read keeps its place, see `FoundRow.damaged`.
	 */
	experiences(
		runId: string,
		page?: { readonly t?: number; readonly offset?: number; readonly limit?: number },
	): Promise<readonly FoundRow[]>;
	countExperiences(runId: string): Promise<number>;
	/** Sets `rejected` of one row. */
	reject(runId: string, id: string, rejected: boolean): Promise<void>;
	trash(): Promise<Trash>;
	emptyTrash(): Promise<void>;
	/** Bytes used and available, if the platform reports them. */
	space(): Promise<{ readonly used: number; readonly quota: number } | undefined>;
	close(): Promise<void>;
}

export type StoreErrorCode = 'full' | 'conflict' | 'corrupt' | 'blocked' | 'not-available';

/** A failure with a code; the message names the remedy. */
export class StoreError extends CodedError<StoreErrorCode> {
	override name = 'StoreError';
}
