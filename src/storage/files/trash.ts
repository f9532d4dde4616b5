/** @file Trash of a store: files that no run names any more are kept for some days before they are deleted. */

/** Time for which a swept file can still be taken back, milliseconds: seven days. */
export const trashKeptMs = 7 * 24 * 60 * 60 * 1000;

/** Content of the trash. */
export interface Trash {
	readonly files: number;
	readonly bytes: number;
}

/** Name in the trash: the time of deletion and the file's own name. A time of 0 has expired at once. */
export const trashName = (flat: string, deletedMs: number): string => `${deletedMs}+${flat}`;

/** Newest of these entries of the trash that holds the file of this flat name. */
export const newestTrashed = (entries: readonly string[], flat: string): string | undefined =>
	entries
		.filter((entry) => entry.slice(entry.indexOf('+') + 1) === flat)
		.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
		.at(-1);

/** True if the entry has been kept long enough, or says no time at all. */
export const hasExpired = (name: string, nowMs: number): boolean =>
	!(Number.parseInt(name, 10) > nowMs - trashKeptMs);
