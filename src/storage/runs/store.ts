/**
 * @file Experiment store: runs, their experience and their weights. One finished step is one `commit`, a transaction.
 *
 * Records live in a database, big bytes in files named by content; a commit writes the files first and
 * refers to them in the transaction, so a torn write leaves an orphan file, never a broken run.
 *
 * A run names a file by a string `file:<name>` anywhere in `record.state` (`fileReference` in `references.ts` makes
 * one). A commit that names a file which is not stored is refused. A file that no run names any more goes when
 * the commit or delete that dropped it is done; one that was written and never committed, when a store opens.
 */
import { CodedError } from '#base/coded-error.ts';
import type { RunRecord } from './record.ts';
import type { StoredRow } from './row.ts';

export type { CurvePoint, RunCost, RunRecipe, RunRecord, RunStatus, TruthRow } from './record.ts';
export type { StoredRow } from './row.ts';

export interface Commit {
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
	/** Newest first. A damaged record is left out; `run` and `rows` fail with `corrupt`. */
	runs(): Promise<readonly RunRecord[]>;
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
	/** Rows of a run in order of (t, id), a page at a time (all without `limit`); `t` narrows to one round. */
	experiences(
		runId: string,
		page?: { readonly t?: number; readonly offset?: number; readonly limit?: number },
	): Promise<readonly StoredRow[]>;
	countExperiences(runId: string): Promise<number>;
	/** Sets `rejected` of one row. */
	reject(runId: string, id: string, rejected: boolean): Promise<void>;
	/** Bytes used and available, if the platform reports them. */
	space(): Promise<{ readonly used: number; readonly quota: number } | undefined>;
	close(): Promise<void>;
}

export type StoreErrorCode = 'full' | 'conflict' | 'corrupt' | 'blocked' | 'not-available';

/** A failure with a code; the message names the remedy. */
export class StoreError extends CodedError<StoreErrorCode> {
	override name = 'StoreError';
}
