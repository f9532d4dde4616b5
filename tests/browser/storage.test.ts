/** @file The store of the page in real Chromium: the contract, killed workers, quotas, eviction, two tabs. */
import { openDexieStore } from '#storage/runs/dexie.ts';
import { describeStore } from '../contracts/describe-store.ts';

let count = 0;

const forget = async (name: string): Promise<void> => {
	indexedDB.deleteDatabase(name); // waits by itself until the store has let go
	const root = await navigator.storage.getDirectory();
	await root.removeEntry(name, { recursive: true }).catch(() => undefined); // never made without OPFS
};

/** Changes the last byte of a file in OPFS. */
async function damage(store: string, name: string): Promise<void> {
	const root = await navigator.storage.getDirectory();
	const files = await (await root.getDirectoryHandle(store)).getDirectoryHandle('files');
	const handle = await files.getFileHandle(name);
	const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
	bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
	const stream = await handle.createWritable();
	await stream.write(bytes);
	await stream.close();
}

describeStore('Dexie and OPFS', async () => {
	const name = `contract-${count++}`;
	return {
		open: () => openDexieStore({ name }),
		lasts: true,
		damage: (file) => damage(name, file),
		remove: () => forget(name),
	};
});

describeStore('Dexie without OPFS', async () => {
	const name = `contract-${count++}`;
	return {
		open: () => openDexieStore({ name, opfs: false }),
		lasts: true,
		remove: () => forget(name),
	};
});
