/**
 * @file Entries of the list of runs: each is sound, or damaged and says what is wrong and what can be done.
 *
 * Records from the disk pass the same schema as records from a file of someone else.
 */
import { read } from '#base/schema.ts';
import { damagedRun } from '../files/errors.ts';
import { runSchema, type RunRecord, type StoredEntry } from './record.ts';
import { StoreError } from './store.ts';

/** Checks a record from the disk and returns it; throws `corrupt` if it is unsound or belongs to another id. */
export function checkRecord(id: string, value: unknown): RunRecord {
	const run = read(runSchema, value, 'run', (flaw) => damagedRun(id, flaw));
	if (run.id !== id) throw damagedRun(id, `it is the record of run "${run.id}"`);
	return run;
}

/** Reads one entry of a list; an error of this entry becomes the entry itself. */
export async function entryOf(
	id: string,
	readRun: () => RunRecord | Promise<RunRecord>,
): Promise<StoredEntry> {
	try {
		return { kind: 'sound', run: await readRun() };
	} catch (error) {
		if (error instanceof StoreError && error.code !== 'corrupt') throw error;
		const message = error instanceof Error ? error.message : String(error);
		const named = error instanceof StoreError ? message : damagedRun(id, message).message;
		return { kind: 'damaged', id, message: named };
	}
}

export const soundRuns = (entries: readonly StoredEntry[]): readonly RunRecord[] =>
	entries.flatMap((entry) => (entry.kind === 'sound' ? [entry.run] : []));

/** Newest first, and in a fixed order if two began together. */
const newestFirst = (a: RunRecord, b: RunRecord): number =>
	b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1);

/** Sound runs, newest first, then damaged ones by id. */
export function inOrder(entries: readonly StoredEntry[]): readonly StoredEntry[] {
	const damaged = entries.filter((entry) => entry.kind === 'damaged');
	return [
		...[...soundRuns(entries)].sort(newestFirst).map((run) => ({ kind: 'sound' as const, run })),
		...damaged.sort((a, b) => (a.id < b.id ? -1 : 1)),
	];
}
