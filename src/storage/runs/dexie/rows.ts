/**
 * @file Experience rows in IndexedDB: sealed when written, checked when read, and paged. A following page continues
 * from the last key. A row without a round is in no index; such rows come last.
 */
import { Dexie, type Collection } from 'dexie';
import { matches } from '#base/schema.ts';
import type { Page } from '../ordered.ts';
import { damagedRow, rowKeySchema, type FoundRow, type StoredRow } from '../row.ts';
import { sealOfText } from '../seal.ts';
import type { RowTable, SealedRow, Tables } from './tables.ts';

export interface RowPages {
	page(runId: string, page?: Page): Promise<readonly FoundRow[]>;
	count(runId: string): Promise<number>;
	/** Must be called when rows were added, changed or removed: positions may have moved. */
	forget(): void;
}

/**
 * Of plain JSON, three times as fast as `toJson`: the row itself is stored as it is, and whether a number that JSON lacks
 * became another one is not what a seal is for.
 */
const sealOf = (row: StoredRow): string => sealOfText(JSON.stringify(row));

export const sealRow = (row: StoredRow): SealedRow => ({ ...row, seal: sealOf(row) });

/** The row without its seal, or what stands for it if it is damaged. */
export function openRow({ seal, ...row }: SealedRow, mustBeSealed: boolean): FoundRow {
	const flaw = flawOf(row, seal, mustBeSealed);
	return flaw === undefined ? row : damagedRow(row.runId, row, flaw);
}

function flawOf(row: StoredRow, seal: unknown, mustBeSealed: boolean): string | undefined {
	if (!matches<unknown>(rowKeySchema, row)) return 'it is no experience';
	if (seal === undefined) return mustBeSealed ? 'its checksum is missing' : undefined;
	try {
		return seal === sealOf(row) ? undefined : 'its checksum does not hold';
	} catch {
		return 'it holds what is no JSON';
	}
}

/** All rows of a run, those without a round included. */
export const allRowsOf = (
	table: RowTable,
	runId: string,
): Collection<SealedRow, [string, string]> =>
	table.where('[runId+id]').between([runId, Dexie.minKey], [runId, Dexie.maxKey]);

export function openRowPages({ experiences, runs }: Tables): RowPages {
	/** End of the last page; counting from the start again would make reading all rows quadratic. */
	let last: { runId: string; t: number | undefined; offset: number; row: StoredRow } | undefined;

	const after = (
		runId: string,
		t: number | undefined,
		row?: StoredRow,
	): Collection<SealedRow, [string, string]> =>
		experiences
			.where('[runId+t+id]')
			.between(
				row === undefined ? [runId, t ?? Dexie.minKey, Dexie.minKey] : [runId, row.t, row.id],
				[runId, t ?? Dexie.maxKey, Dexie.maxKey],
				row === undefined,
			);
	/** Rows that the index lacks, if there are any. */
	const unordered = async (runId: string, ordered: number): Promise<readonly FoundRow[]> => {
		if ((await allRowsOf(experiences, runId).count()) === ordered) return [];
		const all = await allRowsOf(experiences, runId).toArray();
		const known = new Set((await after(runId, undefined).primaryKeys()).map(([, id]) => id));
		return all
			.filter(({ id }) => !known.has(id))
			.map(({ id }) => damagedRow(runId, { id, t: 0 }, 'it is no experience'));
	};

	return {
		async page(runId, { t, offset = 0, limit = Infinity } = {}) {
			const follows = last?.runId === runId && last.t === t && last.offset === offset;
			const rest = follows ? after(runId, t, last?.row) : after(runId, t).offset(offset);
			const rows = await rest.limit(limit).toArray();
			const row = rows.at(-1);
			if (row !== undefined) last = { runId, t, offset: offset + rows.length, row };
			const sealed = (await runs.get(runId))?.sealed === true;
			const found = rows.map((one) => openRow(one, sealed));
			if (rows.length >= limit || t !== undefined) return found;
			const ordered = await after(runId, undefined).count();
			const from = Math.max(0, offset - ordered);
			const beyond = await unordered(runId, ordered);
			return [...found, ...beyond.slice(from, from + limit - found.length)];
		},
		count: (runId) => allRowsOf(experiences, runId).count(),
		forget() {
			last = undefined;
		},
	};
}
