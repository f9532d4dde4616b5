/** @file What a damaged entry may spoil: itself. Run for the directory and for Dexie alike. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileReference } from '#storage/runs/references.ts';
import type { Store } from '#storage/runs/store.ts';
import { aRow, aRun, expectCode, rows, type StorePlace } from './store-samples.ts';

type Fields = Record<string, unknown>;

const without = (fields: Fields, key: string): Fields =>
	Object.fromEntries(Object.entries(fields).filter(([name]) => name !== key));

/** Ways in which a record was seen, or can be thought, to be damaged. */
const damages: readonly (readonly [what: string, change: (run: Fields) => unknown])[] = [
	['that is null', () => null],
	['that is empty', () => ({})],
	['that is a word', () => 'run'],
	['whose scores are a word', (run) => ({ ...run, scores: 'x' })],
	['whose truths hold nothing', (run) => ({ ...run, truths: [null] })],
	['without its recipe', (run) => without(run, 'recipe')],
	['without its state', (run) => without(run, 'state')],
	['that began at no time', (run) => ({ ...run, createdAt: Number.NaN })],
	['with another status', (run) => ({ ...run, status: 'flying' })],
	['with half a version', (run) => ({ ...run, version: 1.5 })],
	['of another run', (run) => ({ ...run, id: 'run-2' })],
	['that is gone', () => undefined],
];

const weights = 'weights/abc.safetensors';
const state = { weights: fileReference(weights) };

export function describeDamage(name: string, makePlace: () => Promise<StorePlace>): void {
	describe(`damage in the ${name} store`, () => {
		let place: StorePlace;
		let store: Store;
		beforeEach(async () => {
			place = await makePlace();
			store = await place.open();
			await store.files.write(weights, Uint8Array.of(1, 2, 3));
			await store.commit({ run: aRun({ state }), experiences: rows(0, 3) });
			await store.commit({
				run: aRun({ id: 'run-2' }),
				experiences: rows(0, 2, { runId: 'run-2' }),
			});
		});
		afterEach(async () => {
			await store.close();
			await place.remove();
		});
		const reopen = async (): Promise<void> => {
			await store.close();
			store = await place.open();
		};

		test.each(damages)(
			'a record %s spoils only itself, and no weights are lost',
			async (_, change) => {
				await place.changeRun?.('run-1', change);
				await reopen();
				const [sound, damaged, ...more] = await store.entries();
				expect(sound).toMatchObject({ kind: 'sound', run: { id: 'run-2' } });
				expect(damaged).toMatchObject({ kind: 'damaged', id: 'run-1' });
				expect(damaged?.kind === 'damaged' && damaged.message).toMatch(
					/run-1.*: import the run from an export, or delete it\.$/,
				);
				expect(more).toEqual([]);
				expect((await store.runs()).map(({ id }) => id)).toEqual(['run-2']);

				// the other runs go on, and new ones begin
				await store.commit({ run: aRun({ id: 'run-2', version: 2 }) });
				await store.commit({ run: aRun({ id: 'run-3', createdAt: 1 }) });
				await store.delete('run-3');
				await reopen();
				expect(await store.files.read(weights)).toEqual(Uint8Array.of(1, 2, 3));

				// it can be taken out as it is, and deleted
				const files = await store.asStored('run-1');
				expect(new TextDecoder().decode(files.get('experiences.jsonl'))).toContain('2 + 864');
				await store.delete('run-1');
				expect((await store.entries()).length).toBe(1);
				expect(await store.countExperiences('run-1')).toBe(0);
				expect((await store.asStored('run-1')).size).toBe(0);
			},
		);

		test('weights of a record that was damaged when it was deleted wait in the trash', async () => {
			await place.changeRun?.('run-1', () => null);
			await store.delete('run-1');
			expect(await store.files.list()).toEqual([weights]);
			await reopen();
			expect(await store.files.list()).toEqual([]);
			const trash = await store.trash();
			expect(trash.files).toBe(1);
			expect(trash.bytes).toBeGreaterThanOrEqual(3);
			await store.emptyTrash();
			expect(await store.trash()).toEqual({ files: 0, bytes: 0 });
		});

		test('weights in the trash are taken back once a record names them again', async () => {
			let record: Fields = {};
			await place.changeRun?.('run-1', (run) => {
				record = run;
				return { ...run, state: {} };
			});
			await reopen();
			expect(await store.files.list()).toEqual([]);
			expect((await store.trash()).files).toBe(1);
			await place.changeRun?.('run-1', () => record);
			await reopen();
			expect(await store.files.read(weights)).toEqual(Uint8Array.of(1, 2, 3));
			expect(await store.trash()).toEqual({ files: 0, bytes: 0 });
		});

		test('a digit changed in a row is noticed and named, and spoils that row only', async () => {
			await place.changeRow?.(aRow(1).id, (row) => ({ ...row, text: '7 + 864' }));
			await reopen();
			const read = await store.experiences('run-1');
			expect(read.map(({ id, damaged }) => [id, damaged])).toEqual([
				[aRow(0).id, undefined],
				[aRow(1).id, 'its checksum does not hold'],
				[aRow(2).id, undefined],
			]);
			expect(read[1]?.text).toBe('');
			expect(await store.countExperiences('run-1')).toBe(3);
			await expectCode(store.reject('run-1', aRow(1).id, true), 'corrupt');
			await store.reject('run-1', aRow(2).id, true);
			await store.commit({ run: aRun({ version: 2, state }), experiences: [aRow(1)] });
			expect(await store.experiences('run-1')).toEqual([
				aRow(0),
				aRow(1),
				aRow(2, { rejected: true }),
			]);
		});

		test('a row that lost its seal, its round or all it held is named, too', async () => {
			for (const change of [
				(row: Fields) => without(row, 'seal'),
				(row: Fields) => without(row, 't'),
				(row: Fields) => ({ runId: row['runId'], id: row['id'] }),
			]) {
				await place.changeRow?.(aRow(2).id, change);
				await reopen();
				const read = await store.experiences('run-1');
				expect(read.map(({ damaged }) => damaged !== undefined)).toEqual([false, false, true]);
				expect(await store.experiences('run-1', { offset: 2, limit: 5 })).toHaveLength(1);
				expect(await store.countExperiences('run-1')).toBe(3);
			}
		});

		test('a curve grows by what a commit adds, and can be replaced by a shorter one', async () => {
			const point = (step: number) => ({ t: 1, step, loss: 1 / (step + 1), gradientNorm: 1 });
			const curve = [...aRun().curve, ...Array.from({ length: 8 }, (_, step) => point(step))];
			for (const [version, length] of [
				[3, 4],
				[4, 4],
				[5, 9],
				[6, 2],
				[7, 0],
				[8, 3],
			] as const) {
				const of = (v: number, points: number) =>
					aRun({ id: 'run-2', version: v, curve: curve.slice(0, points) });
				if (version === 3) await store.commit({ run: of(2, 1) });
				await store.commit({ run: of(version, length) });
				await reopen();
				expect((await store.run('run-2'))?.curve).toEqual(curve.slice(0, length));
				await store.rename('run-2', 'A first run');
				expect((await store.run('run-2'))?.curve).toEqual(curve.slice(0, length));
			}
		});
	});
}
