/** @file Files out of the page and into it. */

/** Hands bytes to the browser as a download; nothing leaves the machine. */
export function download({ name, bytes }: { readonly name: string; readonly bytes: Uint8Array }) {
	const url = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	// the browser has taken the bytes by then
	setTimeout(() => {
		URL.revokeObjectURL(url);
	}, 10_000);
}

/** Storage quota of this page and its use; undefined if the browser does not report them. */
export async function storageSpace(): Promise<
	{ readonly used: number; readonly quota: number; readonly lasting: boolean } | undefined
> {
	try {
		const { usage, quota } = await navigator.storage.estimate();
		if (usage === undefined || quota === undefined) return undefined;
		return { used: usage, quota, lasting: await navigator.storage.persisted() };
	} catch {
		return undefined; // storage is forbidden here
	}
}

/** `1.5 MB`, in powers of 1000 as disks are sold. */
export function bytesInWords(bytes: number): string {
	const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
	const power = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
	const value = bytes / 1000 ** power;
	return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? ''}`;
}
