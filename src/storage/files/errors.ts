/** @file Failures of disks and databases, turned into the store's own codes with a remedy. */
import type { Commit, StoredRow } from '../runs/store.ts';
import { StoreError } from '../runs/store.ts';

/** Names and codes that mean "no room", of browsers and of operating systems. */
const full = new Set(['QuotaExceededError', 'ENOSPC', 'EDQUOT']);
const refused = new Set(['SecurityError', 'NotAllowedError', 'EACCES', 'EPERM', 'EROFS']);

function read(value: unknown, key: string): unknown {
	return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** Every name and code along the chain of causes: Dexie wraps, transactions abort. */
export function namesOf(error: unknown): ReadonlySet<string> {
	const names = new Set<string>();
	const rest = [error];
	for (let seen = 0; rest.length > 0 && seen < 50; seen++) {
		const next = rest.pop();
		if (typeof next !== 'object' || next === null) continue;
		for (const key of ['name', 'code']) {
			const name = read(next, key);
			if (typeof name === 'string') names.add(name);
		}
		for (const key of ['cause', 'inner']) rest.push(read(next, key));
		const failures = read(next, 'failures'); // of Dexie's BulkError
		if (Array.isArray(failures)) rest.push(failures[0]);
	}
	return names;
}

const has = (names: ReadonlySet<string>, wanted: ReadonlySet<string>): boolean =>
	[...names].some((name) => wanted.has(name));

/** Bytes that a write needed, and bytes that were free; either may be unknown. */
export interface Room {
	readonly needed?: number | undefined;
	readonly free?: number | undefined;
}

/** ` (it needs 12.5 MB, 3.1 MB are free)`, or nothing if nothing is known. */
function roomInWords({ needed, free }: Room): string {
	const said = [
		needed === undefined ? '' : `it needs ${inMegabytes(needed)}`,
		free === undefined ? '' : `${inMegabytes(free)} are free`,
	].filter((words) => words !== '');
	return said.length === 0 ? '' : ` (${said.join(', ')})`;
}

const inMegabytes = (bytes: number): string => `${(Math.max(0, bytes) / 1e6).toFixed(1)} MB`;

/** True if the failure means that the disk is full. */
export const isFull = (error: unknown): boolean =>
	error instanceof StoreError ? error.code === 'full' : has(namesOf(error), full);

/** The same failure as a `StoreError`; `doing` completes "could not …". */
export function asStoreError(error: unknown, doing: string, room: Room = {}): StoreError {
	if (error instanceof StoreError) return error;
	const names = namesOf(error);
	const cause = { cause: error };
	if (has(names, full))
		return new StoreError(
			'full',
			`There is no room left to ${doing}${roomInWords(room)}: delete runs you no longer need or free disk space, then go on from the last finished step.`,
			cause,
		);
	if (has(names, refused))
		return new StoreError(
			'not-available',
			`Not allowed to ${doing}: let this page keep data (leave private browsing), or choose a folder you may write to.`,
			cause,
		);
	const message = error instanceof Error ? error.message : String(error);
	return new StoreError(
		'not-available',
		`Could not ${doing} (${message}): reload and go on from the last finished step.`,
		cause,
	);
}

/** The run is not, or no longer, as its writer believes. */
export function conflict(id: string, stored: number | undefined, version: number): StoreError {
	return new StoreError(
		'conflict',
		stored === undefined
			? `Run "${id}" is not stored any more (deleted elsewhere, or cleared by the browser): start it again.`
			: `Run "${id}" was changed elsewhere (version ${stored} is stored, ${version} was to follow): load it again and go on from there.`,
	);
}

export const missingFile = (id: string, name: string): StoreError =>
	new StoreError(
		'corrupt',
		`The file "${name}" with what run "${id}" has learnt is gone from this store: import the run from an export, or start it again.`,
	);

/** `why` is a clause. */
export const damagedRun = (id: string, why: string, cause?: unknown): StoreError =>
	new StoreError(
		'corrupt',
		`The record of run "${id}" is damaged (${why}): import the run from an export, or delete it.`,
		{ cause },
	);

export const damagedExperience = (id: string): StoreError =>
	new StoreError(
		'corrupt',
		`The experience "${id}" is damaged and can no longer be marked: import the run from an export to have it back.`,
	);

export const noSuchRun = (id: string): StoreError =>
	new StoreError('not-available', `There is no run "${id}": reload the list of runs.`);

export const noSuchExperience = (runId: string, id: string): StoreError =>
	new StoreError(
		'not-available',
		`There is no experience "${id}" in run "${runId}": reload the list.`,
	);

/** The rows of a commit; throws if one belongs to another run, since that is a mistake of the program. */
export function rowsOf({ run, experiences = [] }: Commit): readonly StoredRow[] {
	const stray = experiences.find((row) => row.runId !== run.id);
	if (stray !== undefined)
		throw new RangeError(`Experience "${stray.id}" is of run "${stray.runId}", not "${run.id}".`);
	return experiences;
}
