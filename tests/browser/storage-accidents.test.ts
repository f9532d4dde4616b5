/** @file What happens to stored runs in real Chromium: killed workers, full disks, cleared data, other tabs. */
import { derive, random } from '#base/random.ts';
import { openDexieStore } from '#storage/runs/dexie.ts';
import { fileReference } from '#storage/runs/references.ts';
import { watchRuns, type RunChange } from '#storage/runs/watch.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { aRun, expectCode, rows } from '../contracts/store-samples.ts';
import type { WriterMode } from './storage-worker.ts';

let name = '';
let count = 0;
beforeEach(() => {
	name = `accident-${count++}`;
});
afterEach(async () => {
	indexedDB.deleteDatabase(name); // waits by itself until the store has let go
	const root = await navigator.storage.getDirectory();
	await root.removeEntry(name, { recursive: true }).catch(() => undefined); // where none was made
});

/** Lets a worker write until it has said `last` times that a step is kept, and `delay` ms more. */
async function runAndKill(mode: WriterMode, last: number, delay = 0): Promise<readonly number[]> {
	const worker = new Worker(new URL('storage-worker.ts', import.meta.url), { type: 'module' });
	const said: number[] = [];
	await new Promise<void>((resolve, reject) => {
		worker.addEventListener('error', (event) => {
			event.preventDefault();
			worker.terminate();
			reject(new Error(event.message));
		});
		worker.addEventListener('message', ({ data }: MessageEvent<number>) => {
			said.push(data);
			if (said.length === last) resolve();
		});
		worker.postMessage({ name, mode });
	});
	await new Promise((resolve) => setTimeout(resolve, delay));
	worker.terminate();
	return said;
}

test('killed at random moments, every kept step is there and no part of another', async () => {
	const draw = random(derive(1, 'kill'));
	for (let n = 0; n < 8; n++) {
		const kept = (await runAndKill('commits', 3, draw.next() * 60)).at(-1) ?? 0;
		const store = await openDexieStore({ name });
		const version = (await store.run('run-1'))?.version ?? 0;
		expect(version).toBeGreaterThanOrEqual(kept);
		const bytes = await store.files.read(`weights-${version}`);
		expect(bytes?.length).toBe(100_000);
		expect(bytes?.every((x) => x === version % 256)).toBe(true);
		const stored = await store.experiences('run-1');
		expect(stored.map(({ id }) => id)).toEqual(rows(10, (version + 2) * 10).map(({ id }) => id));
		for (const { id, reason } of stored)
			expect(reason).toBe(`step ${Math.min(version, Math.floor(Number(id.slice(1)) / 10))}`);
		await store.close();
	}
	// the locks of a killed worker end a moment after it
	await expect
		.poll(async () => {
			const store = await openDexieStore({ name });
			const files = await store.files.list();
			await store.close();
			return files.length;
		})
		.toBe(1);
});

test('killed between the file and the commit, the file goes and the run stays as it was', async () => {
	await runAndKill('once', 2);
	const writer = new Worker(new URL('storage-worker.ts', import.meta.url), { type: 'module' });
	await new Promise((resolve) => {
		writer.addEventListener('message', resolve);
		writer.postMessage({ name, mode: 'file-only' satisfies WriterMode });
	});
	const filesOnceOpened = async () => {
		const store = await openDexieStore({ name });
		const files = await store.files.list();
		expect((await store.run('run-1'))?.version).toBe(1);
		await store.close();
		return files;
	};
	// as long as the worker lives, its file waits for its commit
	expect(await filesOnceOpened()).toEqual(['weights-1', 'weights-2']);
	writer.terminate();
	await expect.poll(filesOnceOpened).toEqual(['weights-1']);
});

/** Runs `fn` while there is room for only so many bytes more. */
async function withRoomFor(bytes: number, fn: () => Promise<void>): Promise<void> {
	const { usage = 0 } = await navigator.storage.estimate();
	const setQuota = (quotaSize: number) =>
		cdp().send('Storage.overrideQuotaForOrigin', { origin: location.origin, quotaSize });
	await setQuota(usage + bytes);
	try {
		await fn();
	} finally {
		await setQuota(2 ** 33); // leaving it out, which should restore it, does not
	}
}

const clearData = () =>
	cdp().send('Storage.clearDataForOrigin', {
		origin: location.origin,
		storageTypes: 'indexeddb,file_systems',
	});

test('a full disk is named, changes nothing, and later there is room again', async () => {
	await clearData(); // or Chromium goes by the room that the database had half a minute ago
	await withRoomFor(1_000_000, async () => {
		const store = await openDexieStore({ name });
		await store.files.write('small', new Uint8Array(10));
		await store.commit({ run: aRun({ state: fileReference('small') }), experiences: rows(0, 5) });
		const error = await expectCode(store.files.write('big', new Uint8Array(8_000_000)), 'full');
		expect(error.message).toMatch(/delete runs/);
		const payload = { text: 'x'.repeat(40_000) };
		const experiences = rows(0, 200, { payload, fate: 'kept' });
		await expectCode(store.commit({ run: aRun({ version: 2 }), experiences }), 'full');
		expect((await store.run('run-1'))?.version).toBe(1);
		expect(await store.experiences('run-1')).toEqual(rows(0, 5));
		expect(await store.files.list()).toEqual(['small']);
		await store.close();
	});
	const store = await openDexieStore({ name });
	await store.files.write('big', new Uint8Array(8_000_000));
	await store.commit({ run: aRun({ version: 2, state: fileReference('big') }) });
	expect(await store.files.list()).toEqual(['big']);
	await store.close();
});

test('on a full disk the store opens, so that runs can be deleted to make room', async () => {
	const first = await openDexieStore({ name });
	await first.files.write('big', new Uint8Array(8_000_000));
	await first.commit({ run: aRun({ state: fileReference('big') }), experiences: rows(0, 5) });
	await first.close();
	await withRoomFor(-1_000_000, async () => {
		const store = await openDexieStore({ name });
		await expectCode(store.files.write('more', new Uint8Array(1_000_000)), 'full');
		await store.delete('run-1');
		expect(await store.runs()).toEqual([]);
		await store.files.write('more', new Uint8Array(1_000_000));
		expect((await store.files.read('more'))?.length).toBe(1_000_000);
		await store.close();
	});
});

test('a disk that is full for a worker too is named', async () => {
	await withRoomFor(50_000, async () => {
		await expect(runAndKill('once', 2)).rejects.toThrow(/no room left/);
	});
});

test('data cleared by the browser is noticed: the store works on, and a run that is gone is a conflict', async () => {
	const store = await openDexieStore({ name });
	await store.files.write('weights', new Uint8Array(10));
	await store.commit({ run: aRun({ state: fileReference('weights') }), experiences: rows(0, 5) });
	await clearData();
	expect(await store.runs()).toEqual([]);
	await expectCode(store.commit({ run: aRun({ version: 2 }) }), 'conflict');
	await store.files.write('weights', new Uint8Array(10));
	await store.commit({ run: aRun({ state: fileReference('weights') }) });
	expect(await store.files.list()).toEqual(['weights']);
	await store.close();
});

test('a store that is read while the browser clears its data, again and again, does not fail', async () => {
	const store = await openDexieStore({ name });
	const clearing = new AbortController();
	const cleared = (async () => {
		for (let times = 0; times < 20; times++) await clearData();
	})().finally(() => clearing.abort());
	while (!clearing.signal.aborted) expect(await store.runs()).toEqual([]);
	await cleared;
	await store.close();
});

test('an older tab that does not let go blocks an upgrade, which is said', async () => {
	const old = await new Promise<IDBDatabase>((resolve, reject) => {
		const request = indexedDB.open(name, 1);
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(new Error('cannot open'));
	});
	await expectCode(openDexieStore({ name }), 'blocked');
	old.close();
	const store = await openDexieStore({ name });
	expect(await store.runs()).toEqual([]);
	await store.close();
});

test('a tab lets a newer version of the page upgrade, and asks to be reloaded', async () => {
	const store = await openDexieStore({ name });
	await store.commit({ run: aRun() });
	const newer = await new Promise<IDBDatabase>((resolve, reject) => {
		const request = indexedDB.open(name, 1000);
		request.onsuccess = () => resolve(request.result);
		request.onblocked = () => reject(new Error('the store did not let go'));
	});
	const error = await expectCode(store.run('run-1'), 'blocked');
	expect(error.message).toMatch(/reload this tab/);
	newer.close();
	await store.close();
});

test('other tabs are notified of every change, and only of their own store', async () => {
	const store = await openDexieStore({ name });
	const heard: RunChange[] = [];
	const stop = watchRuns((change) => heard.push(change), name);
	const noise = new BroadcastChannel(`${name}/runs`);
	for (const message of [null, 'x', { runId: 4 }, { runId: 'a' }]) noise.postMessage(message);
	await store.commit({ run: aRun(), experiences: rows(0, 1) });
	await store.rename('run-1', 'Mine');
	await store.reject('run-1', rows(0, 1)[0]?.id ?? '', true);
	await store.delete('run-1');
	await expect.poll(() => heard.map(({ version }) => version)).toEqual([1, 1, 1, null]);
	stop();
	noise.close();
	await store.close();
});

test('100,000 rows are paged and counted (times are printed)', async () => {
	const store = await openDexieStore({ name });
	const lines: string[] = [];
	const timed = async (what: string, work: () => Promise<unknown>): Promise<void> => {
		const start = performance.now();
		await work();
		lines.push(`${what} ${(performance.now() - start).toFixed(0)} ms`);
	};
	await timed('ten commits of 10,000 rows', async () => {
		for (let version = 1; version <= 10; version++)
			await store.commit({
				run: aRun({ version }),
				experiences: rows((version - 1) * 10_000, version * 10_000, { t: version }),
			});
	});
	await timed('count', () => store.countExperiences('run-1'));
	for (const offset of [0, 50_000, 99_900]) {
		const page = { offset, limit: 100 };
		await timed(`100 rows at ${offset}`, () => store.experiences('run-1', page));
		expect((await store.experiences('run-1', page)).map(({ id }) => id)).toEqual(
			rows(offset, offset + 100).map(({ id }) => id),
		);
	}
	await timed('1000 rows of round 9', () => store.experiences('run-1', { t: 9, limit: 1000 }));
	await timed('all rows in pages of 1000', async () => {
		for (let offset = 0; offset < 100_000; offset += 1000)
			await store.experiences('run-1', { offset, limit: 1000 });
	});
	await timed('a commit of 1000 changed rows', () =>
		store.commit({ run: aRun({ version: 11 }), experiences: rows(0, 1000, { fate: 'kept' }) }),
	);
	await timed('delete', () => store.delete('run-1'));
	expect(await store.countExperiences('run-1')).toBe(0);
	console.log(lines.join('\n'));
	await store.close();
});
