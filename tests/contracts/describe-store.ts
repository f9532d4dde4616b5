/** @file What every store must do, told as behaviour; run for memory, directory and Dexie with OPFS alike. */
import type { Store } from '#storage/runs/store.ts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { describeFiles } from './describe-files.ts';
import { aRow, aRun, expectCode, rows, type StorePlace } from './store-samples.ts';

export function describeStore(name: string, makePlace: () => Promise<StorePlace>): void {
	describe(`the ${name} store`, () => {
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
		const reopen = async (): Promise<void> => {
			await store.close();
			store = await place.open();
		};

		test('gives back a run exactly, numbers that JSON does not know included', async () => {
			const run = aRun({
				message: 'said "stop" \u2028 \u{1F331}',
				curve: [{ t: 1, step: 0, loss: Number.NaN, gradientNorm: Number.POSITIVE_INFINITY }],
				state: { deep: [{ a: -0.1, b: [Number.NEGATIVE_INFINITY, null, 'x'] }] },
			});
			await store.commit({ run });
			expect(await store.run('run-1')).toEqual(run);
			if (!place.lasts) return;
			await reopen();
			expect(await store.run('run-1')).toEqual(run);
		});

		test('knows nothing of a run that was never committed', async () => {
			expect(await store.run('none')).toBeUndefined();
			expect(await store.runs()).toEqual([]);
			expect(await store.experiences('none')).toEqual([]);
			expect(await store.countExperiences('none')).toBe(0);
			await store.delete('none');
			await expectCode(store.rename('none', 'x'), 'not-available');
			await expectCode(store.reject('none', 'e', true), 'not-available');
		});

		test('lists runs newest first', async () => {
			for (const [id, createdAt] of [
				['a', 5],
				['b', 9],
				['c', 7],
			] as const)
				await store.commit({ run: aRun({ id, createdAt }) });
			expect((await store.runs()).map(({ id }) => id)).toEqual(['b', 'c', 'a']);
		});

		test('refuses a version that does not follow, and then changes nothing', async () => {
			await expectCode(store.commit({ run: aRun({ version: 2 }) }), 'conflict');
			await store.commit({ run: aRun(), experiences: rows(0, 3) });
			for (const version of [0, 1, 3]) {
				const commit = { run: aRun({ version, spentMs: 99 }), experiences: rows(0, 9) };
				await expectCode(store.commit(commit), 'conflict');
			}
			expect(await store.run('run-1')).toEqual(aRun());
			expect(await store.countExperiences('run-1')).toBe(3);
			await store.commit({ run: aRun({ version: 2 }) });
		});

		test('lets one of two writers through and tells the other', async () => {
			await store.commit({ run: aRun() });
			const other = place.lasts ? await place.open() : store;
			const both = await Promise.allSettled([
				store.commit({ run: aRun({ version: 2, spentMs: 1 }), experiences: [aRow(1)] }),
				other.commit({ run: aRun({ version: 2, spentMs: 2 }), experiences: [aRow(2)] }),
			]);
			expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
			const winner = both[0].status === 'fulfilled' ? 1 : 2;
			for (const seen of [store, other]) {
				expect((await seen.run('run-1'))?.spentMs).toBe(winner);
				expect((await seen.experiences('run-1')).map(({ text }) => text)).toEqual([
					`${winner} + 864`,
				]);
			}
			if (place.lasts) await other.close();
		});

		test('pages rows in order of round and id, whatever order they came in', async () => {
			const late = rows(0, 5, { t: 2 }).map((row) => ({ ...row, id: `a${row.id}` }));
			await store.commit({
				run: aRun(),
				experiences: [...late.reverse(), ...rows(0, 20).reverse()],
			});
			const all = await store.experiences('run-1');
			expect(all.map(({ t, id }) => `${t} ${id}`)).toEqual([
				...rows(0, 20).map(({ id }) => `1 ${id}`),
				...rows(0, 5).map(({ id }) => `2 a${id}`),
			]);
			expect(await store.countExperiences('run-1')).toBe(25);
			const ids = async (page: { t?: number; offset?: number; limit?: number }) =>
				(await store.experiences('run-1', page)).map(({ id }) => id);
			expect(await ids({ offset: 18, limit: 4 })).toEqual(all.slice(18, 22).map(({ id }) => id));
			expect(await ids({ t: 2 })).toEqual(all.slice(20).map(({ id }) => id));
			expect(await ids({ t: 2, offset: 3, limit: 9 })).toEqual(all.slice(23).map(({ id }) => id));
			expect(await ids({ t: 3 })).toEqual([]);
			expect(await ids({ offset: 25 })).toEqual([]);
			expect(await ids({ limit: 0 })).toEqual([]);
		});

		test('pages one after the other give every row once, and see what a commit puts in between', async () => {
			await store.commit({ run: aRun(), experiences: rows(0, 25) });
			const read: string[] = [];
			for (let offset = 0; offset < 30; offset += 10)
				read.push(...(await store.experiences('run-1', { offset, limit: 10 })).map(({ id }) => id));
			expect(read).toEqual(rows(0, 25).map(({ id }) => id));
			await store.experiences('run-1', { limit: 10 });
			const earlier = aRow(0, { id: 'a' });
			await store.commit({ run: aRun({ version: 2 }), experiences: [earlier] });
			const next = await store.experiences('run-1', { offset: 10, limit: 1 });
			expect(next.map(({ id }) => id)).toEqual([aRow(9).id]);
		});

		test('replaces a row by its id, also when it moves to another round', async () => {
			await store.commit({ run: aRun(), experiences: rows(0, 4) });
			const changed = aRow(2, { t: 5, fate: 'kept', trainedIn: [1, 2], score: Number.NaN });
			await store.commit({
				run: aRun({ version: 2 }),
				experiences: [changed, aRow(1, { score: null })],
			});
			expect(await store.experiences('run-1')).toEqual([
				aRow(0),
				aRow(1, { score: null }),
				aRow(3),
				changed,
			]);
			expect(await store.countExperiences('run-1')).toBe(4);
			if (!place.lasts) return;
			await reopen();
			expect((await store.experiences('run-1', { t: 5 }))[0]).toEqual(changed);
		});

		test('keeps rows of one run apart from those of another', async () => {
			await store.commit({ run: aRun(), experiences: rows(0, 3) });
			const other = rows(0, 2, { runId: 'run-10' });
			await store.commit({ run: aRun({ id: 'run-10' }), experiences: other });
			expect(await store.experiences('run-10')).toEqual(other);
			expect(await store.countExperiences('run-1')).toBe(3);
			await expect(store.commit({ run: aRun({ version: 2 }), experiences: other })).rejects.toThrow(
				RangeError,
			);
		});

		test('hands out copies: what a reader changes is not stored', async () => {
			const state = { list: [1] };
			await store.commit({ run: aRun({ state }), experiences: rows(0, 1) });
			state.list.push(2);
			const read = await store.run('run-1');
			expect(read?.state).toEqual({ list: [1] });
			Object.assign(read ?? {}, { name: 'changed' });
			expect((await store.run('run-1'))?.name).toBe('A first run');
		});

		test('keeps a name given by a person through later commits, version untouched', async () => {
			await store.commit({ run: aRun() });
			await store.rename('run-1', 'Mine');
			expect(await store.run('run-1')).toEqual(aRun({ name: 'Mine' }));
			await store.commit({ run: aRun({ version: 2 }) });
			expect((await store.run('run-1'))?.name).toBe('Mine');
		});

		test('keeps a rejection by hand through later commits, until it is taken back', async () => {
			await store.commit({ run: aRun(), experiences: rows(0, 3) });
			await store.reject('run-1', aRow(1).id, true);
			await store.reject('run-1', aRow(1).id, true);
			await store.commit({ run: aRun({ version: 2 }), experiences: rows(0, 3, { fate: 'kept' }) });
			const kept = await store.experiences('run-1');
			expect(kept.map(({ rejected, fate }) => [rejected, fate])).toEqual([
				[false, 'kept'],
				[true, 'kept'],
				[false, 'kept'],
			]);
			await store.reject('run-1', aRow(1).id, false);
			expect((await store.experiences('run-1'))[1]?.rejected).toBe(false);
			await expectCode(store.reject('run-1', 'nobody', true), 'not-available');
			expect(await store.countExperiences('run-1')).toBe(3);
		});

		test('deletes a run with its rows and leaves the others', async () => {
			await store.commit({ run: aRun(), experiences: rows(0, 5) });
			await store.commit({ run: aRun({ id: 'b' }), experiences: rows(0, 2, { runId: 'b' }) });
			await store.delete('run-1');
			expect((await store.runs()).map(({ id }) => id)).toEqual(['b']);
			expect(await store.countExperiences('run-1')).toBe(0);
			expect(await store.countExperiences('b')).toBe(2);
			await expectCode(store.commit({ run: aRun({ version: 2 }) }), 'conflict');
			await store.commit({ run: aRun() });
			expect(await store.experiences('run-1')).toEqual([]);
		});

		test('takes any text as the id of a run', async () => {
			for (const id of ['..', '.', 'a/b', 'ä *?"<>|', '%2E'])
				await store.commit({ run: aRun({ id }), experiences: [aRow(0, { runId: id })] });
			expect((await store.runs()).length).toBe(5);
			for (const { id } of await store.runs()) expect(await store.countExperiences(id)).toBe(1);
		});

		test('says so when it is used after it was closed', async () => {
			await store.close();
			await expectCode(store.runs(), 'not-available');
			await expectCode(store.files.read('x'), 'not-available');
			await expectCode(store.commit({ run: aRun() }), 'not-available');
		});
	});
	describeFiles(name, makePlace);
}
