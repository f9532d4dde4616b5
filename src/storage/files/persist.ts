/** @file The wish that the browser never clears this origin by itself; apart, so that the page loads it without a store. */

/** Asks for it (pages only; some browsers ask the person). False where refused. */
export async function askToPersist(): Promise<boolean> {
	// absent outside secure contexts and in workers, whatever the type says
	const storage = navigator.storage as Partial<StorageManager> | undefined;
	return (await storage?.persist?.()) ?? false;
}
