/**
 * @file Lock file of a folder: one writer at a time across processes; it holds its owner's identity.
 *
 * Held for one operation only. A lock whose process is gone is taken away, and so is one that names no process.
 */
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { namesOf } from '../../files/errors.ts';
import { StoreError } from '../store.ts';
import { isRunning, ownIdentity, readHolder, type Holder } from './process-identity.ts';

/** Time to wait for another writer; the largest commit takes a few seconds. */
const patienceMs = 30_000;
/** A lock of an earlier version, which does not say when its process began, is believed for so long. */
const oldLockMs = 10 * 60_000;

const isCode = (error: unknown, code: string): boolean => namesOf(error).has(code);

/** Undefined if there is no such file. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
	try {
		return await readFile(path);
	} catch (error) {
		if (isCode(error, 'ENOENT')) return undefined;
		throw error;
	}
}

/** Runs `fn` while nobody else holds the lock at `path`. */
export async function withFolderLock<T>(path: string, fn: () => Promise<T>): Promise<T> {
	// made under a name of its own, then linked: the lock never exists without its owner
	const own = ownName(path);
	await writeFile(own, await ownIdentity());
	try {
		const until = Date.now() + patienceMs;
		while (!(await take(own, path))) {
			const text = (await readIfThere(path))?.toString('utf8');
			if (text === undefined) continue; // released meanwhile
			const holder = readHolder(text);
			if (holder === undefined || !(await holds(path, holder))) await breakLock(path, text);
			else if (Date.now() > until)
				throw new StoreError(
					'blocked',
					`Another program (process ${holder.pid}) is writing to this folder: wait for it to end and try again, or delete "${path}" if there is no such program.`,
				);
			else await sleep(5);
		}
	} finally {
		await rm(own, { force: true });
	}
	try {
		return await fn();
	} finally {
		await rm(path, { force: true });
	}
}

async function holds(path: string, holder: Holder): Promise<boolean> {
	if (!(await isRunning(holder))) return false;
	if (holder.began !== '') return true;
	const changed = await stat(path).catch(() => undefined);
	return changed === undefined || Date.now() - changed.mtimeMs < oldLockMs;
}

/** With the process id in the name: a process may be killed before it has written anything. */
const ownName = (path: string): string => `${path}.${process.pid}-${randomUUID()}`;

async function take(own: string, path: string): Promise<boolean> {
	try {
		await link(own, path);
		return true;
	} catch (error) {
		if (isCode(error, 'EEXIST')) return false;
		throw error;
	}
}

/** Takes the lock of a dead process away; puts it back if it was a living one's by then. */
async function breakLock(path: string, dead: string): Promise<void> {
	const aside = ownName(path);
	try {
		await rename(path, aside);
	} catch (error) {
		if (isCode(error, 'ENOENT')) return; // someone was faster
		throw error;
	}
	if ((await readIfThere(aside))?.toString('utf8') !== dead) await take(aside, path);
	await rm(aside, { force: true });
}

/** Removes what processes killed while asking for a lock in this folder left behind. */
export async function sweepLocks(folder: string): Promise<void> {
	for (const name of await readdir(folder)) {
		if (!name.startsWith('.lock.')) continue;
		const pid = Number.parseInt(name.slice('.lock.'.length), 10);
		if (!(pid > 0) || !(await isRunning({ pid, began: '' })))
			await rm(join(folder, name), { force: true });
	}
}

/** Marks in a folder, one per store that has files no commit names yet: it holds its owner's identity. */
export function openMark(folder: string): {
	set(): Promise<void>;
	clear(): Promise<void>;
	/** True if another live process holds a claim; claims of dead processes are removed. */
	others(): Promise<boolean>;
} {
	const mine = `${process.pid}-${randomUUID()}`;
	let isSet = false;
	return {
		async set() {
			if (isSet) return;
			await mkdir(folder, { recursive: true });
			await writeFile(join(folder, mine), await ownIdentity());
			isSet = true;
		},
		async clear() {
			if (!isSet) return;
			isSet = false;
			await rm(join(folder, mine), { force: true });
		},
		async others() {
			await mkdir(folder, { recursive: true });
			let found = false;
			for (const mark of await readdir(folder)) {
				if (mark === mine) continue;
				const text = (await readIfThere(join(folder, mark)))?.toString('utf8') ?? '';
				// a mark of an earlier version is empty and has the process id in its name
				const holder = readHolder(text) ?? { pid: Number.parseInt(mark, 10), began: '' };
				if (holder.pid > 0 && (await isRunning(holder))) found = true;
				else await rm(join(folder, mark), { force: true });
			}
			return found;
		},
	};
}
