/** @file The store of the page in real Chromium: the contract, killed workers, quotas, eviction, two tabs. */
import { openDexieStore } from '#storage/runs/dexie.ts';
import { fileReference } from '#storage/runs/references.ts';
import { expect, test } from 'vitest';
import { describeDamage } from '../contracts/describe-damage.ts';
import { describeStore } from '../contracts/describe-store.ts';
import { aRun, rows, type StorePlace } from '../contracts/store-samples.ts';

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

type Fields = Record<string, unknown>;

/** One change of the database behind the store's back. */
async function change(
	name: string,
	table: string,
	key: IDBValidKey,
	how: (stored: Fields) => Fields | undefined,
): Promise<void> {
	const db = await promised(indexedDB.open(name));
	const objects = db.transaction(table, 'readwrite').objectStore(table);
	const changed = how((await promised(objects.get(key))) as Fields);
	await (changed === undefined ? promised(objects.delete(key)) : promised(objects.put(changed)));
	db.close();
}

const promised = <T>(request: IDBRequest<T>): Promise<T> =>
	new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error ?? new Error('refused'));
	});

const dexie = (opfs: boolean) => async (): Promise<StorePlace> => {
	const name = `contract-${count++}`;
	return {
		open: () => openDexieStore({ name, opfs }),
		lasts: true,
		...(opfs && { damage: (file: string) => damage(name, file) }),
		changeRun: (id, how) =>
			change(name, 'runs', id, (stored) => {
				const run = how(stored['run'] as Fields);
				return run === undefined ? undefined : { ...stored, run };
			}),
		changeRow: (id, how) => change(name, 'experiences', ['run-1', id], how),
		remove: () => forget(name),
	};
};

describeStore('Dexie and OPFS', dexie(true));
describeDamage('Dexie and OPFS', dexie(true));
describeStore('Dexie without OPFS', dexie(false));
describeDamage('Dexie without OPFS', dexie(false));

test('a run stored before rows had seals and curves had pieces opens, and goes on', async () => {
	const name = `contract-${count++}`;
	let store = await openDexieStore({ name });
	const run = aRun();
	await store.commit({ run, experiences: rows(0, 2) });
	await store.close();
	await change(name, 'runs', 'run-1', ({ id, files }) => ({ id, files, run }));
	for (const { id } of rows(0, 2))
		await change(name, 'experiences', ['run-1', id], ({ seal: _, ...row }) => row);
	store = await openDexieStore({ name });
	expect(await store.run('run-1')).toEqual(run);
	expect(await store.experiences('run-1')).toEqual(rows(0, 2));
	const curve = [...run.curve, { t: 2, step: 0, loss: 0.1, gradientNorm: 1 }];
	await store.commit({ run: { ...run, version: 2, curve }, experiences: rows(2, 3) });
	expect((await store.run('run-1'))?.curve).toEqual(curve);
	expect(await store.experiences('run-1')).toEqual(rows(0, 3));
	await store.close();
	await forget(name);
});

test('a row of runs without its index of files loses no weights', async () => {
	const name = `contract-${count++}`;
	let store = await openDexieStore({ name });
	await store.files.write('weights', Uint8Array.of(1));
	await store.commit({ run: aRun({ state: fileReference('weights') }) });
	await store.close();
	await change(name, 'runs', 'run-1', ({ files: _, ...stored }) => stored);
	store = await openDexieStore({ name });
	expect(await store.files.list()).toEqual(['weights']);
	expect((await store.runs()).length).toBe(1);
	await store.close();
	await forget(name);
});
