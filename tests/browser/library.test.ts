/** @file The library in the private file system of real Chromium: the contract on a page, and a worker killed while it writes. */
import { afterEach, expect, test } from 'vitest';
import { openOpfsLibrary } from '#storage/library/opfs.ts';
import type { Library } from '#storage/library/library.ts';
import { describeLibrary } from '../contracts/describe-library.ts';

let count = 0;
const nameNext = () => `library-${count++}`;

async function open(home: string): Promise<Library> {
	const library = await openOpfsLibrary(home);
	if (!library) throw new Error('this browser has no private file system');
	return library;
}
const root = () => navigator.storage.getDirectory();
const forget = async (home: string) => {
	await (await root()).removeEntry(home, { recursive: true }).catch(() => undefined); // never made
};

describeLibrary('OPFS', async () => {
	const home = nameNext();
	const folderAt = async (folder: string, create: boolean) =>
		(await (await root()).getDirectoryHandle(home, { create })).getDirectoryHandle(folder, {
			create,
		});
	return {
		open: () => open(home),
		async read(folder, file) {
			try {
				const handle = await (await folderAt(folder, false)).getFileHandle(file);
				return new Uint8Array(await (await handle.getFile()).arrayBuffer());
			} catch {
				return undefined;
			}
		},
		async write(folder, file, bytes) {
			const handle = await (await folderAt(folder, true)).getFileHandle(file, { create: true });
			const stream = await handle.createWritable();
			await stream.write(new Uint8Array(bytes));
			await stream.close();
		},
		remove: () => forget(home),
	};
});

let home = '';
afterEach(() => forget(home));

test('a killed worker leaves the beginning of its file, and another worker goes on there', async () => {
	home = nameNext();
	const library = await open(home);
	const { id } = await library.begin({
		name: 'Big',
		source: { kind: 'hub', repository: 'a/big', revision: 'main' },
		files: [{ name: 'big.bin', bytes: 4_000_000 }],
	});
	const work = async (until: number): Promise<number> => {
		const worker = new Worker(new URL('library-worker.ts', import.meta.url), { type: 'module' });
		const held = await new Promise<number>((resolve, reject) => {
			worker.onerror = (event) => {
				reject(new Error(event.message));
			};
			worker.onmessage = ({ data }: MessageEvent<number>) => {
				if (data >= until) resolve(data);
			};
			worker.postMessage({ home, id, file: 'big.bin' });
		});
		worker.terminate();
		return held;
	};
	const first = await work(1_000_000);
	// the lock of a killed worker ends a moment after it
	const held = async () => (await library.entry(id))?.held ?? 0;
	await expect.poll(held).toBeGreaterThanOrEqual(first);
	await expect.poll(() => work(4_000_000).catch(() => 0), { timeout: 30_000 }).toBe(4_000_000);
	await expect
		.poll(async () => (await library.finish(id, 'big.bin').catch(() => undefined))?.state)
		.toBe('complete');
	const { files } = await library.open(id);
	const bytes = await files[0]?.read(0, 4_000_000);
	expect(bytes?.every((byte, i) => byte === Math.floor(i / 1000) % 256)).toBe(true);
});
