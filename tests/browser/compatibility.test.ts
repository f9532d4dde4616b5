/** @file A database that the version before wrote, made here with bare IndexedDB: opened, read and gone on with. */
import { expect, test } from 'vitest';
import { loadState, saveState } from '#runs/stored/codec.ts';
import { readExperience } from '#runs/stored/experience.ts';
import { readRow } from '#runs/stored/row.ts';
import { readSavedState } from '#runs/stored/saved-state.ts';
import { readArchive, type Archive } from '#storage/archive/archive.ts';
import { openDexieStore } from '#storage/runs/dexie.ts';
import { filesNamedBy } from '#storage/runs/references.ts';
import archiveUrl from '../fixtures/compatibility/star.evolvarium.zip?url';

const name = 'before';

/** Dexie multiplies its versions by ten: version 1 is the one before, 2 has a table of curves. */
function openRaw(version: 10 | 20): Promise<IDBDatabase> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.open(name, version);
		request.onupgradeneeded = () => {
			const db = request.result;
			const runs = db.createObjectStore('runs', { keyPath: 'id' });
			runs.createIndex('files', 'files', { multiEntry: true });
			const rows = db.createObjectStore('experiences', { keyPath: ['runId', 'id'] });
			rows.createIndex('[runId+t+id]', ['runId', 't', 'id']);
			db.createObjectStore('bytes', { keyPath: 'name' });
		};
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error ?? new Error('the database did not open'));
	});
}

/** The three tables as they were, the last row rejected by hand. */
async function fill({ run, rows, files }: Archive): Promise<void> {
	const db = await openRaw(10);
	const transaction = db.transaction(['runs', 'experiences', 'bytes'], 'readwrite');
	transaction.objectStore('runs').put({ id: run.id, files: filesNamedBy(run), run });
	for (const [i, row] of rows.entries())
		transaction.objectStore('experiences').put({ ...row, rejected: i === rows.length - 1 });
	for (const [file, bytes] of files)
		transaction.objectStore('bytes').put({ name: file, bytes: new Uint8Array(bytes) });
	await new Promise<void>((resolve, reject) => {
		transaction.oncomplete = () => resolve();
		transaction.onabort = () => reject(transaction.error ?? new Error('nothing was written'));
	});
	db.close();
}

test('is opened and upgraded, with all that is in it, and takes the next step', async () => {
	const archive = await readArchive(new Uint8Array(await (await fetch(archiveUrl)).arrayBuffer()));
	await fill(archive);
	const store = await openDexieStore({ name, opfs: false });
	const { run } = archive;
	expect(await store.runs()).toEqual([run]);
	const rows = await store.experiences(run.id);
	expect(rows.map(readRow)).toEqual(
		archive.rows.map((row, i) => ({
			...row,
			payload: readExperience(row.payload),
			rejected: i === archive.rows.length - 1,
		})),
	);
	const saved = readSavedState(run.state);
	const state = await loadState(saved, store.files, () => undefined, '');
	expect(await saveState(state, store.files)).toEqual(saved);

	await store.commit({
		run: { ...run, version: run.version + 1 },
		experiences: rows.map((row) => ({ ...row, rejected: false, trainedIn: [1] })),
	});
	const after = await store.experiences(run.id);
	expect(after.every(({ trainedIn }) => trainedIn.includes(1))).toBe(true);
	expect(after.filter(({ rejected }) => rejected)).toHaveLength(1);
	await store.close();

	// the next commit moved the curve to rows of its own, whole
	const raw = await openRaw(20);
	expect([...raw.objectStoreNames]).toEqual(['bytes', 'curves', 'experiences', 'runs']);
	raw.close();
	const again = await openDexieStore({ name, opfs: false });
	expect((await again.run(run.id))?.curve).toEqual(run.curve);
	expect(run.curve.length).toBeGreaterThan(0);
	await again.close();
	indexedDB.deleteDatabase(name);
});
