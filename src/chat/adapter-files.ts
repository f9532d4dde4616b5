/** @file Where the page keeps adapters tuned in a chat: the private file system, or memory where there is none. */
import { openMemoryStore } from '#storage/runs/memory.ts';
import { openOpfs } from '#storage/files/opfs.ts';
import type { Files } from '#storage/runs/store.ts';

/** Opens the place, and removes what a tab left that was closed while it wrote. */
export async function openAdapterFiles(home = 'evolvarium-adapters'): Promise<Files> {
	const disk = await openOpfs(home);
	// They end with the tab.
	if (!disk) return openMemoryStore().files;
	// Safari had the one before the other.
	const locks = navigator.locks as LockManager | undefined;
	if (!locks) return disk;
	const lock = `${home}/partial`;
	// Not while another tab writes; what cannot be removed takes room, and no more than that.
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
