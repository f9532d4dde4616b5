/** @file Random names of runs, temporary files and lock claims. */

/** Differs between tabs and needs no secure context; nothing else depends on it. */
export const randomName = (): string =>
	Array.from(crypto.getRandomValues(new Uint8Array(8)), (x) =>
		x.toString(36).padStart(2, '0'),
	).join('');
