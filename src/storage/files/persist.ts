/** @file Persistence permission of this origin; apart from the stores, so that the page does not load one. */

/** Requests it (pages only; some browsers ask the person). False if refused. */
export async function askToPersist(): Promise<boolean> {
	// absent outside secure contexts and in workers, whatever the type says
	const storage = navigator.storage as Partial<StorageManager> | undefined;
	return (await storage?.persist?.()) ?? false;
}
