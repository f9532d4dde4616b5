/** @file A run survives its archive exactly; a bad archive is refused in one sentence and leaves nothing behind. */
import { exportRun, importRun, readArchive } from '#storage/archive/archive.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { fileReference } from '#storage/runs/references.ts';
import type { Store } from '#storage/runs/store.ts';
import { readZip } from '#storage/archive/zip.ts';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { aRun, expectCode } from '../../contracts/store-samples.ts';
import { archive, experiences, filled, forged, id, run, weights } from './archive-sample.ts';

const taken = async (store: Store, bytes: Uint8Array) =>
	importRun(store, await readArchive(bytes), { id });

async function isRefused(bytes: Uint8Array, why?: RegExp): Promise<void> {
	const store = openMemoryStore();
	const error = await expectCode(taken(store, bytes), 'corrupt');
	if (why !== undefined) expect(error.message).toMatch(why);
	expect(await store.runs()).toEqual([]);
	expect(await store.files.list()).toEqual([]);
}

describe('an exported run', () => {
	test('comes back exactly, under its new id', async () => {
		const store = openMemoryStore();
		expect(await taken(store, archive)).toEqual({
			...run,
			id,
			version: 1,
			status: 'paused',
		});
		expect(await store.run(id)).toEqual({ ...run, id, version: 1, status: 'paused' });
		expect(await store.experiences(id)).toEqual(experiences.map((row) => ({ ...row, runId: id })));
		expect(await store.files.read('weights/abc.safetensors')).toEqual(weights);
	});

	test('is the same bytes every time, and any unzip program reads it', async () => {
		expect(await exportRun(await filled(), 'run-1')).toEqual({ bytes: archive, damagedRows: 0 });
		expect(Object.keys(unzipSync(archive)).sort()).toEqual([
			'experiences.jsonl',
			'files/weights/abc.safetensors',
			'manifest.json',
		]);
	});

	test('can be imported beside itself: the shared file is kept while either run is there', async () => {
		const store = await filled();
		await taken(store, archive);
		await store.delete('run-1');
		expect(await store.files.read('weights/abc.safetensors')).toEqual(weights);
		await store.delete(id);
		expect(await store.files.list()).toEqual([]);
	});

	test('is packed anew when a commit comes in between', async () => {
		const store = await filled();
		let commits = 0;
		const busy: Store = {
			...store,
			async experiences(runId, page) {
				const found = await store.experiences(runId, page);
				if (commits++ === 0) await store.commit({ run: { ...run, version: 8, spentMs: 4711 } });
				return found;
			},
		};
		const read = await readArchive((await exportRun(busy, 'run-1')).bytes);
		expect(read.run.spentMs).toBe(4711);
	});

	test('that does not exist is named', async () => {
		await expectCode(exportRun(openMemoryStore(), 'nobody'), 'not-available');
	});

	test('stops when aborted', async () => {
		const store = await filled();
		await expect(exportRun(store, 'run-1', AbortSignal.abort())).rejects.toThrow(/abort/i);
	});
});

describe('a bad archive', () => {
	test('is refused when it is no zip, empty, or of another kind', async () => {
		await isRefused(new Uint8Array(), /not a zip archive/);
		await isRefused(strToU8('hello '.repeat(100)), /not a zip archive/);
		await isRefused(zipSync({ 'a.txt': strToU8('a') }), /"manifest.json" is missing/);
		await isRefused(await forged(() => ({ manifest: { format: 'other' } })), /another kind/);
		await isRefused(await forged(() => ({ manifest: [] })), /manifest is not an object/);
	});

	test('is refused when it is of a later version, which is said', async () => {
		const later = await forged(({ manifest }) => ({
			manifest: { ...(manifest as object), version: 2 },
		}));
		await isRefused(later, /update this program/);
	});

	test('is refused when a file is missing, surplus, renamed or changed', async () => {
		const { 'files/weights/abc.safetensors': file = new Uint8Array(), ...rest } =
			unzipSync(archive);
		await isRefused(zipSync(rest), /"files\/weights\/abc.safetensors" is missing/);
		await isRefused(await forged(() => ({}), { 'files/more': file }), /does not belong/);
		await isRefused(await forged(() => ({}), { '../../etc/passwd': file }), /does not belong/);
		await isRefused(
			await forged(() => ({}), { 'files/weights/abc.safetensors': file.map((x) => x ^ 1) }),
			/not what the manifest says/,
		);
	});

	test('cannot name a place outside its folder', async () => {
		const evil = await forged(({ manifest }) => ({
			manifest: JSON.parse(
				JSON.stringify(manifest).replaceAll('weights/abc', '../../abc'),
			) as unknown,
		}));
		await isRefused(evil, /no file name/);
	});

	test('cannot replace a file of another run', async () => {
		const store = openMemoryStore();
		await store.files.write('weights/abc.safetensors', Uint8Array.of(1, 2, 3));
		await store.commit({
			run: aRun({ id: 'mine', state: fileReference('weights/abc.safetensors') }),
		});
		await expectCode(taken(store, archive), 'corrupt');
		expect(await store.files.read('weights/abc.safetensors')).toEqual(Uint8Array.of(1, 2, 3));
		expect((await store.runs()).map((stored) => stored.id)).toEqual(['mine']);
	});

	test('leaves no file behind when the commit fails', async () => {
		const store = openMemoryStore();
		await store.commit({ run: aRun({ id }) });
		await expectCode(taken(store, archive), 'conflict');
		expect(await store.files.list()).toEqual([]);
	});

	test('that unpacks to far more than its size is refused before it is unpacked', async () => {
		const bomb = zipSync({ 'manifest.json': new Uint8Array(8 << 20) }, { level: 9 });
		expect(bomb.length).toBeLessThan(100_000);
		await isRefused(bomb, /times its size/);
		const limits = { entries: 10, bytes: 1000, ratio: 250 };
		expect(() => readZip(archive, limits)).toThrow(/unpacks to more than/);
		expect(() => readZip(archive, { ...limits, bytes: 1 << 20, entries: 2 })).toThrow(/3 entries/);
	});

	test('that lies about a size is refused', async () => {
		const bomb = zipSync({ 'manifest.json': new Uint8Array(8 << 20) }, { level: 9 });
		const view = new DataView(bomb.buffer, bomb.byteOffset);
		const contents = view.getUint32(bomb.length - 6, true);
		view.setUint32(contents + 24, 1000, true);
		await isRefused(bomb, /longer than it claims/);
	});

	test('that claims to be zip64 is refused instead of being searched for ever', async () => {
		const bytes = archive.slice();
		const view = new DataView(bytes.buffer);
		view.setUint16(bytes.length - 12, 0xffff, true);
		await isRefused(bytes, /zip64/);
	});

	test('with data nested too deeply, or with a key that changes what objects are, is refused', async () => {
		const withState = (state: string) =>
			forged(({ manifest }) => {
				const text = JSON.stringify(manifest).replace('"t":2', `"t":2,"x":${state}`);
				return { manifest: JSON.parse(text) as unknown };
			});
		await isRefused(await withState('['.repeat(100) + ']'.repeat(100)), /nested too deeply/);
		await isRefused(await withState('{"__proto__":{"polluted":1}}'), /forbidden key/);
	});

	test('with a row twice, of another run, or cut short is refused', async () => {
		const change = (edit: (lines: string) => string) =>
			forged(({ rows: lines }) => ({ rows: edit(String(lines)) }));
		await isRefused(
			await change((lines) => lines + lines.slice(0, lines.indexOf('\n') + 1)),
			/twice/,
		);
		await isRefused(await change((lines) => lines.replace('run-1', 'run-2')), /another run/);
		await isRefused(await change((lines) => lines.slice(0, -5)), /cut short/);
		await isRefused(await change((lines) => lines.replace('{', '[')), /not JSON/);
	});
});
