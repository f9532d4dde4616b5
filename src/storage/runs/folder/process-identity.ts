/** @file Identity of a process on this machine: its id and when it began, since ids are given out again. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { namesOf } from '../../files/errors.ts';

const run = promisify(execFile);

/** A process as a lock names it. */
export interface Holder {
	readonly pid: number;
	/** When it began, in words of the system; empty if unknown. */
	readonly began: string;
}

const write = ({ pid, began }: Holder): string => `${pid} ${began}`.trim();

/** Undefined if the text names no process. Locks of earlier versions hold the id only. */
export function readHolder(text: string): Holder | undefined {
	const [, pid = '', began = ''] = /^(\d+)(?: (.*))?$/.exec(text.trim()) ?? [];
	return Number(pid) > 0 ? { pid: Number(pid), began } : undefined;
}

/** When the process began: clock ticks since boot on Linux, else a date of `ps`; empty where neither is there. */
async function beginningOf(pid: number): Promise<string> {
	if (process.platform === 'linux') {
		const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
		const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
		// the name of the program, in brackets, may hold spaces
		const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
		return ticks === '' ? '' : `${boot.trim()}/${ticks}`;
	}
	if (process.platform === 'win32') return '';
	const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({
		stdout: '',
	}));
	return stdout.trim().replaceAll(/\s+/g, ' ');
}

let own: Promise<string> | undefined;

/** This process, as text for a lock. */
export const ownIdentity = (): Promise<string> =>
	(own ??= beginningOf(process.pid).then((began) => write({ pid: process.pid, began })));

/** False if the process has ended, or its id belongs to another one by now. */
export async function isRunning({ pid, began }: Holder): Promise<boolean> {
	try {
		process.kill(pid, 0);
	} catch (error) {
		if (namesOf(error).has('ESRCH')) return false; // EPERM: alive, of another user
	}
	if (began === '') return true;
	const now = await beginningOf(pid);
	return now === '' || now === began;
}
