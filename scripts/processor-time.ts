/** @file Processor time of the Chromium renderers that a process started, read from Linux's /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of a tick of /proc/*\/stat, which is the same on every Linux that Chromium runs on. */
const tickMs = 10;

interface Process {
	readonly parent: number;
	readonly ms: number;
	readonly isRenderer: boolean;
}

/** Undefined if it has ended meanwhile. */
function readProcess(id: number): Process | undefined {
	try {
		const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
		// The name, in parentheses, may hold spaces; behind it are state, parent, and as 12th and 13th the times.
		const fields = stat
			.slice(stat.lastIndexOf(')') + 2)
			.split(' ')
			.map(Number);
		const [, parent = 0] = fields;
		const ticks = (fields[11] ?? 0) + (fields[12] ?? 0);
		const command = readFileSync(`/proc/${id}/cmdline`, 'utf8');
		return { parent, ms: ticks * tickMs, isRenderer: command.includes('--type=renderer') };
	} catch {
		return undefined;
	}
}

/** Milliseconds of all renderers below a process since they began; undefined where there is no /proc. */
export function rendererTime(ancestor: number): number | undefined {
	if (process.platform !== 'linux') return undefined;
	const all = new Map(
		readdirSync('/proc')
			.map(Number)
			.filter((id) => id > 0)
			.map((id) => [id, readProcess(id)] as const),
	);
	const isBelow = (id: number): boolean => {
		for (let at = id; at > 1; at = all.get(at)?.parent ?? 0) if (at === ancestor) return true;
		return false;
	};
	let sum = 0;
	for (const [id, one] of all) if (one?.isRenderer && isBelow(id)) sum += one.ms;
	return sum;
}
