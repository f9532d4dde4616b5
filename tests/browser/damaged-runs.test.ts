/** @file Damaged runs and rows on the Runs and Experiences pages, over a real database: said, and everything else works. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { openDexieStore } from '#storage/runs/dexie.ts';
import { filesNamedBy } from '#storage/runs/references.ts';
import type { Store } from '#storage/runs/store.ts';
import { text } from '../ui/open-page.ts';
import { press, soon, storedPages, violations } from '../ui/stored-page.ts';
import { twoRuns } from '../ui/stored-runs.ts';

const open = storedPages();

let name = '';
let count = 0;
beforeEach(() => {
	name = `damaged-${count++}`;
});
afterEach(async () => {
	indexedDB.deleteDatabase(name);
	const root = await navigator.storage.getDirectory();
	await root.removeEntry(name, { recursive: true }).catch(() => undefined); // never made
});

/** The two runs of the tests in a database, which is then changed behind the store's back. */
async function storeWith(change: (rows: IDBTransaction) => void): Promise<Store> {
	const memory = await twoRuns();
	const store = await openDexieStore({ name });
	for (const run of await memory.runs()) {
		for (const file of filesNamedBy(run))
			await store.files.write(file, (await memory.files.read(file)) ?? new Uint8Array());
		const experiences = await memory.experiences(run.id);
		await store.commit({ run: { ...run, version: 1 }, experiences });
	}
	const db = await new Promise<IDBDatabase>((resolve, reject) => {
		const request = indexedDB.open(name);
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(new Error('cannot open'));
	});
	await new Promise<void>((resolve, reject) => {
		const transaction = db.transaction(['runs', 'experiences'], 'readwrite');
		transaction.oncomplete = () => resolve();
		transaction.onerror = () => reject(new Error('cannot write'));
		change(transaction);
	});
	db.close();
	return store;
}

test('damaged runs are listed with what can be done; the sound one is there, and a deleted one is gone', async () => {
	const store = await storeWith((all) => {
		all.objectStore('runs').put({ id: 'a', files: [], run: null });
		all.objectStore('runs').put({ id: 'gone', run: { createdAt: Number.NaN } });
	});
	open(store, '#/runs');
	await soon(() => document.querySelectorAll('.entry').length).toBe(1);
	await expect.element(page.getByRole('heading', { name: 'Damaged' })).toBeVisible();
	expect(text('main')).toMatch(/The record of run "a" is damaged \(run is not an object\): import/);
	const group = page.getByRole('group', { name: 'Do with the damaged run a' });
	await group.getByRole('button', { name: 'Export as it is' }).click();
	await soon(() => text('main')).toContain('Exported a.damaged.zip');
	expect(await violations()).toEqual([]);
	await group.getByRole('button', { name: 'Delete' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
	await soon(() => text('main')).toContain('It was damaged, so this cannot be undone.');
	await soon(() => text('main')).not.toContain('run "a" is damaged');
	expect((await store.entries()).map(({ kind }) => kind)).toEqual(['sound', 'damaged']);
	await press(/^Rename/).click();
});

test('damaged rows are counted on the Experiences page, and all others are shown', async () => {
	const store = await storeWith((all) => {
		const rows = all.objectStore('experiences');
		const request = rows.getAll(IDBKeyRange.bound(['a', ''], ['a', '\uffff']), 3);
		request.onsuccess = () => {
			const [first, second, third] = request.result as Record<string, unknown>[];
			rows.put({ ...first, text: '1 + 1' });
			rows.put({ runId: 'a', id: second?.['id'] });
			rows.put({ ...third, seal: undefined });
		};
	});
	open(store, '#/experiences?run=a');
	await soon(() => text('main')).toContain('3 rows could not be read');
	expect(text('main')).toContain('200');
});
