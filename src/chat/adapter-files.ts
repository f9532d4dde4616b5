/** @file Storage of adapters tuned in a chat: OPFS, or memory if the browser has none. */
import { openMemoryStore } from '#storage/runs/memory.ts';
import { openOpfs } from '#storage/files/opfs.ts';
import type { Files } from '#storage/runs/store.ts';

/** Opens the storage and removes partial files of a tab that was closed while it wrote. */
export async function openAdapterFiles(home = 'evolvarium-adapters'): Promise<Files> {
	const disk = await openOpfs(home);
	// They end with the tab.
	if (!disk) return openMemoryStore().files;
	// Safari had the one before the other.
	const locks = navigator.locks as LockManager | undefined;
	if (!locks) return disk;
	const lock = `${home}/partial`;
	// Not while another tab writes; a file that cannot be removed only takes space.
	await locks
		.request(lock, { ifAvailable: true }, async (held) => {
			if (held) await disk.sweep();
		})
		.catch(() => undefined);
	return {
		...disk,
		write: (name, bytes) =>
			locks.request(lock, { mode: 'shared' }, async () => {
				await disk.write(name, bytes);
			}),
	};
}
