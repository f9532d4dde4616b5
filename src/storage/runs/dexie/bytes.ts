/** @file Files as rows of the database: for browsers without OPFS. A row is whole by itself and needs no seal. */
import { newestTrashed, trashName } from '../../files/trash.ts';
import type { SweptFiles } from '../../files/opfs.ts';
import { checkFileName, flatName } from '../references.ts';
import type { Tables } from './tables.ts';

/** Begins no file name. */
const inTrash = '~';

export function filesIn(table: Tables['bytes']): SweptFiles {
	/** Names in the trash, without the sign of it. */
	const trashed = async (): Promise<string[]> =>
		(await table.where('name').startsWith(inTrash).primaryKeys()).map((name) =>
			name.slice(inTrash.length),
		);
	return {
		async write(name, bytes) {
			await table.put({ name: checkFileName(name), bytes: new Uint8Array(bytes) });
		},
		read: async (name) => (await table.get(checkFileName(name)))?.bytes,
		delete: async (name) => await table.delete(checkFileName(name)),
		list: async (prefix = '') =>
			(await table.where('name').startsWith(prefix).primaryKeys()).filter(
				(name) => !name.startsWith(inTrash),
			),
		has: async (name) => (await table.where('name').equals(name).count()) > 0,
		sweep: async () => undefined,
		async discard(name, nowMs) {
			const stored = await table.get(name);
			if (stored === undefined) return;
			await table.put({ ...stored, name: inTrash + trashName(flatName(name), nowMs) });
			await table.delete(name);
		},
		async restore(name) {
			const entry = newestTrashed(await trashed(), flatName(name));
			const stored = entry && (await table.get(inTrash + entry));
			if (!stored) return;
			await table.put({ ...stored, name });
			await table.delete(inTrash + entry);
		},
		async purge(isDue) {
			const due = (await trashed()).filter(isDue);
			await table.bulkDelete(due.map((entry) => inTrash + entry));
		},
		async trash() {
			const rows = await table.bulkGet((await trashed()).map((entry) => inTrash + entry));
			const bytes = rows.reduce((sum, row) => sum + (row?.bytes.length ?? 0), 0);
			return { files: rows.length, bytes };
		},
	};
}
