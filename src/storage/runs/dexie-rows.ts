/** @file Pagination of experience rows in IndexedDB: a following page continues from the last key. */
import { Dexie, type Collection, type Table } from 'dexie';
import type { Page } from './ordered.ts';
import type { StoredRow } from './store.ts';

export type RowTable = Table<StoredRow, [runId: string, id: string]>;

export interface RowPages {
	page(runId: string, page?: Page): Promise<readonly StoredRow[]>;
	count(runId: string): Promise<number>;
	/** Must be called when rows were added, changed or removed: positions may have moved. */
	forget(): void;
}

export function openRowPages(table: RowTable): RowPages {
	/** End of the last page; counting from the start again would make reading all rows quadratic. */
	let last: { runId: string; t: number | undefined; offset: number; row: StoredRow } | undefined;

	const after = (
		runId: string,
		t: number | undefined,
		row?: StoredRow,
	): Collection<StoredRow, [string, string]> =>
		table
			.where('[runId+t+id]')
			.between(
				row === undefined ? [runId, t ?? Dexie.minKey, Dexie.minKey] : [runId, row.t, row.id],
				[runId, t ?? Dexie.maxKey, Dexie.maxKey],
				row === undefined,
			);

	return {
		async page(runId, { t, offset = 0, limit = Infinity } = {}) {
			const follows = last?.runId === runId && last.t === t && last.offset === offset;
			const rest = follows ? after(runId, t, last?.row) : after(runId, t).offset(offset);
			const rows = await rest.limit(limit).toArray();
			const row = rows.at(-1);
			if (row !== undefined) last = { runId, t, offset: offset + rows.length, row };
			return rows;
		},
		count: (runId) => after(runId, undefined).count(),
		forget() {
			last = undefined;
		},
	};
}
