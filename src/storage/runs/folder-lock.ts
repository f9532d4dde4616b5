/**
 * @file Lock file of a folder: one writer at a time across processes; it holds its owner's process id.
 *
 * Held for one operation only. A lock whose process is gone is taken away.
 */
import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { namesOf } from '../files/errors.ts';
import { StoreError } from './store.ts';

/** How long to wait for another writer; the largest commit takes a few seconds. */
const patienceMs = 30_000;

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

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return !isCode(error, 'ESRCH'); // EPERM: alive, of another user
	}
}

/** Runs `fn` while nobody else holds the lock at `path`. */
export async function withFolderLock<T>(path: string, fn: () => Promise<T>): Promise<T> {
	// made under a name of its own, then linked: the lock never exists without its process id
	const own = ownName(path);
	await writeFile(own, String(process.pid));
	try {
		const until = Date.now() + patienceMs;
		while (!(await take(own, path))) {
			const holder = Number(await readIfThere(path));
			if (holder > 0 && !isAlive(holder)) await breakLock(path, holder);
			else if (Date.now() > until)
				throw new StoreError(
					'blocked',
					`Process ${holder} holds "${path}": wait for it to end, or delete that file if there is no such process.`,
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
async function breakLock(path: string, dead: number): Promise<void> {
	const aside = ownName(path);
	try {
		await rename(path, aside);
	} catch (error) {
		if (isCode(error, 'ENOENT')) return; // someone was faster
		throw error;
	}
	if (Number(await readIfThere(aside)) !== dead) await take(aside, path);
	await rm(aside, { force: true });
}

/** Removes what processes killed while asking for a lock in this folder left behind. */
export async function sweepLocks(folder: string): Promise<void> {
	for (const name of await readdir(folder)) {
		if (!name.startsWith('.lock.')) continue;
		const pid = Number.parseInt(name.slice('.lock.'.length), 10);
		if (!(pid > 0) || !isAlive(pid)) await rm(join(folder, name), { force: true });
	}
}

/** Marks in a folder, one per store that has files no commit names yet: its process id is in the name. */
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
			await writeFile(join(folder, mine), '');
			isSet = true;
		},
		async clear() {
			if (!isSet) return;
			isSet = false;
			await rm(join(folder, mine), { force: true });
		},
		async others() {
			await mkdir(folder, { recursive: true });
			const marks = (await readdir(folder)).filter((mark) => mark !== mine);
			for (const mark of marks)
				if (!isAlive(Number.parseInt(mark, 10))) await rm(join(folder, mark), { force: true });
			return marks.some((mark) => isAlive(Number.parseInt(mark, 10)));
		},
	};
}
