/** @file The part of the store contract about files: whole or not at all, and gone when no run names them. */
import { fileReference } from '#storage/runs/references.ts';
import type { Store } from '#storage/runs/store.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aRun, expectCode, rows, type StorePlace } from './store-samples.ts';

const bytesOf = (...numbers: number[]) => Uint8Array.from(numbers);

export function describeFiles(name: string, makePlace: () => Promise<StorePlace>): void {
	describe(`the files of the ${name} store`, () => {
		let place: StorePlace;
		let store: Store;
		beforeEach(async () => {
			place = await makePlace();
			store = await place.open();
		});
		afterEach(async () => {
			await store.close();
			await place.remove();
		});

		test('writes, replaces, lists and deletes files', async () => {
			expect(await store.files.read('a/b.safetensors')).toBeUndefined();
			await store.files.write('a/b.safetensors', bytesOf(1, 2, 3));
			await store.files.write('a/b.safetensors', bytesOf(4, 5));
			await store.files.write('empty', bytesOf());
			expect(await store.files.read('a/b.safetensors')).toEqual(bytesOf(4, 5));
			expect(await store.files.read('empty')).toEqual(bytesOf());
			expect(await store.files.list()).toEqual(['a/b.safetensors', 'empty']);
			expect(await store.files.list('a/')).toEqual(['a/b.safetensors']);
			await store.files.delete('a/b.safetensors');
			await store.files.delete('a/b.safetensors');
			expect(await store.files.list()).toEqual(['empty']);
		});

		test('writes part of a larger buffer, and copies shared memory', async () => {
			const heap = new Uint8Array(new SharedArrayBuffer(16));
			heap.set([9, 8, 7], 4);
			await store.files.write('part', heap.subarray(4, 7));
			heap.fill(0);
			expect(await store.files.read('part')).toEqual(bytesOf(9, 8, 7));
		});

		test('refuses file names that could leave its folder', async () => {
			for (const bad of [
				'../x',
				'/x',
				'a/../b',
				'.hidden',
				'a//b',
				'',
				'a\\b',
				'x'.repeat(201),
				'a~b',
			])
				await expect(store.files.write(bad, bytesOf(1))).rejects.toThrow(RangeError);
			expect(await store.files.list()).toEqual([]);
		});

		test('refuses a commit that names a file which is not there, and then changes nothing', async () => {
			const run = aRun({ state: { weights: fileReference('gone.bin') } });
			await expectCode(store.commit({ run, experiences: rows(0, 2) }), 'corrupt');
			expect(await store.run('run-1')).toBeUndefined();
			expect(await store.experiences('run-1')).toEqual([]);
		});

		test('drops a file when the last run that names it lets go of it', async () => {
			const naming = (...names: string[]) => ({ policy: names.map(fileReference) });
			for (const file of ['old', 'new', 'shared']) await store.files.write(file, bytesOf(1));
			await store.commit({ run: aRun({ state: naming('old', 'shared') }) });
			await store.commit({ run: aRun({ id: 'two', state: naming('shared') }) });
			await store.commit({ run: aRun({ version: 2, state: naming('new', 'shared') }) });
			expect(await store.files.list()).toEqual(['new', 'shared']);
			await store.delete('run-1');
			expect(await store.files.list()).toEqual(['shared']);
			await store.delete('two');
			expect(await store.files.list()).toEqual([]);
		});

		test('does not take a file for an orphan while its commit is still to come', async () => {
			await store.files.write('first', bytesOf(1));
			await store.commit({ run: aRun({ state: fileReference('first') }) });
			await store.files.write('second', bytesOf(2));
			await store.commit({ run: aRun({ id: 'short' }) });
			await store.delete('short');
			if (place.lasts) await (await place.open()).close(); // tidies up
			await store.commit({ run: aRun({ version: 2, state: fileReference('second') }) });
			expect(await store.files.list()).toEqual(['second']);
		});

		test('notices a damaged file instead of returning other bytes', async ({ skip }) => {
			if (place.damage === undefined) return skip('memory cannot be damaged from outside');
			await store.files.write('weights', bytesOf(1, 2, 3));
			await place.damage('weights');
			await expectCode(store.files.read('weights'), 'corrupt');
		});

		test('removes files without a commit when it opens', async ({ skip }) => {
			if (!place.lasts) return skip('memory does not last');
			await store.files.write('kept', bytesOf(1));
			await store.commit({ run: aRun({ state: [fileReference('kept')] }) });
			await store.files.write('orphan', bytesOf(2));
			await store.close();
			store = await place.open();
			expect(await store.files.list()).toEqual(['kept']);
			expect(await store.files.read('kept')).toEqual(bytesOf(1));
		});
	});
}
