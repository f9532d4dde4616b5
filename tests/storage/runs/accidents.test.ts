/** @file Accidents in a store's folder: cut and foreign files, locks of strangers, commands that only read, a growing curve. */
import {
	cp,
	mkdir,
	mkdtemp,
	readdir,
	readFile,
	rm,
	stat,
	truncate,
	utimes,
	writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { trashKeptMs } from '#storage/files/trash.ts';
import { openDirectoryStore } from '#storage/runs/directory.ts';
import { withFolderLock } from '#storage/runs/folder/lock.ts';
import { fileReference } from '#storage/runs/references.ts';
import { aRun, expectCode, rows } from '../../contracts/store-samples.ts';

let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'evolvarium-accidents-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const inRun = (file: string): string => join(root, 'runs', 'run-1', file);

describe('a folder of runs', () => {
	test('lets foreign files and folders lie, wherever they are', async () => {
		const store = await openDirectoryStore(root);
		await store.commit({ run: aRun(), experiences: rows(0, 1) });
		await store.close();
		for (const folder of ['runs', 'files', 'runs/run-1'])
			await writeFile(join(root, folder, '.DS_Store'), 'of the file manager');
		await mkdir(join(root, 'runs', 'notes'));
		await writeFile(join(root, 'runs', 'notes', 'mine.txt'), 'mine');
		const again = await openDirectoryStore(root);
		expect((await again.entries()).map(({ kind }) => kind)).toEqual(['sound']);
		expect(await readFile(join(root, 'files', '.DS_Store'), 'utf8')).toBe('of the file manager');
		await again.commit({ run: aRun({ id: 'run-2' }) });
		expect((await again.runs()).length).toBe(2);
	});

	test('lists a copied run as damaged instead of one run twice', async () => {
		const store = await openDirectoryStore(root);
		await store.commit({ run: aRun() });
		await cp(join(root, 'runs', 'run-1'), join(root, 'runs', 'run-1 copy'), { recursive: true });
		const [sound, copy] = await store.entries();
		expect(sound).toMatchObject({ kind: 'sound', run: { id: 'run-1' } });
		expect(copy).toMatchObject({ kind: 'damaged', id: 'run-1 copy' });
		expect(copy?.kind === 'damaged' && copy.message).toContain('record of run "run-1"');
	});

	test.each(['', '{"format":1', '[]', '{"format":9,"run":{}}'])(
		'names a run.json that holds %j',
		async (text) => {
			const store = await openDirectoryStore(root);
			await store.commit({ run: aRun() });
			await writeFile(inRun('run.json'), text);
			expect(await store.entries()).toMatchObject([{ kind: 'damaged', id: 'run-1' }]);
			const error = await expectCode(store.run('run-1'), 'corrupt');
			expect(error.message).toMatch(/run\.json is/);
		},
	);
});

describe('cut files', () => {
	test('of rows cost the rows that are gone, and the run goes on behind them', async () => {
		const store = await openDirectoryStore(root);
		await store.commit({ run: aRun(), experiences: rows(0, 3) });
		const { size } = await stat(inRun('experiences.jsonl'));
		await truncate(inRun('experiences.jsonl'), size - 40);
		const again = await openDirectoryStore(root);
		const found = await again.experiences('run-1');
		expect(found.slice(0, 2)).toEqual(rows(0, 2));
		expect(found.length).toBeGreaterThan(2);
		expect(found.slice(2).every(({ damaged }) => damaged !== undefined)).toBe(true);
		await again.commit({ run: aRun({ version: 2 }), experiences: rows(3, 5) });
		const third = await openDirectoryStore(root);
		const sound = (await third.experiences('run-1')).filter(({ damaged }) => damaged === undefined);
		expect(sound).toEqual([...rows(0, 2), ...rows(3, 5)]);
	});

	test('of the curve cost its points, and nothing else', async () => {
		const [point] = aRun().curve;
		const curve = Array.from({ length: 3 }, (_, step) => ({
			...point,
			t: 1,
			step,
			loss: 1,
			gradientNorm: 1,
		}));
		const store = await openDirectoryStore(root);
		for (const version of [1, 2, 3])
			await store.commit({ run: aRun({ version, curve: curve.slice(0, version) }) });
		await truncate(inRun('curve.jsonl'), (await stat(inRun('curve.jsonl'))).size - 5);
		const again = await openDirectoryStore(root);
		expect((await again.run('run-1'))?.curve).toEqual([
			...curve.slice(0, 2),
			{ t: 1, step: 1, loss: Number.NaN, gradientNorm: Number.NaN },
		]);
		const next = { t: 2, step: 0, loss: 2, gradientNorm: 2 };
		await again.commit({ run: aRun({ version: 4, curve: [...curve, next] }) });
		expect((await again.run('run-1'))?.curve.at(-1)).toEqual(next);
	});
});

describe('a lock', () => {
	test.each([
		['without a number', 'nobody'],
		['that is empty', ''],
		['of a process whose id was given out again', `${process.pid} another-boot/12345`],
		['of a process that is gone', '4194305'],
	])('%s is broken at once', async (_what, text) => {
		const path = join(root, '.lock');
		await writeFile(path, text);
		const started = Date.now();
		expect(await withFolderLock(path, async () => 'mine')).toBe('mine');
		expect(Date.now() - started).toBeLessThan(5000);
	});

	test('of an earlier version and a living stranger is broken once it is old', async () => {
		const path = join(root, '.lock');
		await writeFile(path, '1');
		const longAgo = new Date(Date.now() - 3_600_000);
		await utimes(path, longAgo, longAgo);
		expect(await withFolderLock(path, async () => 'mine')).toBe('mine');
	});
});

describe('a command that only reads', () => {
	/** Every file of the store with its time of change. */
	const seen = async (): Promise<readonly string[]> => {
		const names = await readdir(root, { recursive: true });
		const found = names.map(async (name) => `${name} ${(await stat(join(root, name))).mtimeMs}`);
		return (await Promise.all(found)).sort();
	};

	test('changes nothing, orphans and half-written files included', async () => {
		const store = await openDirectoryStore(root);
		await store.files.write('orphan', Uint8Array.of(1));
		await store.commit({ run: aRun(), experiences: rows(0, 2) });
		await store.close();
		await writeFile(join(root, 'files', 'half+part'), 'x');
		const before = await seen();
		const reader = await openDirectoryStore(root, { readOnly: true });
		expect(await reader.runs()).toEqual([aRun()]);
		expect(await reader.experiences('run-1')).toEqual(rows(0, 2));
		await expectCode(reader.rename('run-1', 'x'), 'not-available');
		await expectCode(reader.files.write('x', Uint8Array.of(1)), 'not-available');
		await reader.close();
		expect(await seen()).toEqual(before);
	});

	test('makes no folder where there is none', async () => {
		const reader = await openDirectoryStore(join(root, 'none'), { readOnly: true });
		expect(await reader.entries()).toEqual([]);
		expect(await reader.files.list()).toEqual([]);
		expect(await readdir(root)).toEqual([]);
	});
});

test('the trash keeps what was swept for some days, then deletes it', async () => {
	const trash = join(root, '.trash');
	await mkdir(trash);
	await writeFile(join(trash, `${Date.now() - trashKeptMs - 1000}+old`), 'x');
	await writeFile(join(trash, `${Date.now() - trashKeptMs + 60_000}+young`), 'xy');
	const store = await openDirectoryStore(root);
	expect(await store.trash()).toEqual({ files: 1, bytes: 2 });
});

test('a file that is gone is told with a remedy', async () => {
	const store = await openDirectoryStore(root);
	const run = aRun({ state: fileReference('weights/gone.safetensors') });
	const error = await expectCode(store.commit({ run }), 'corrupt');
	expect(error.message).toMatch(/weights\/gone.*is gone.*import the run from an export/);
});

test('what a commit writes of the curve does not grow with the run', async () => {
	const store = await openDirectoryStore(root);
	const perRound = 60;
	const curve: { t: number; step: number; loss: number; gradientNorm: number }[] = [];
	const written: number[] = [];
	for (let round = 1; round <= 200; round++) {
		for (let step = 0; step < perRound; step++)
			curve.push({ t: round, step, loss: 1 / 3, gradientNorm: 1 / 7 });
		const before = await stat(inRun('curve.jsonl')).catch(() => ({ size: 0 }));
		await store.commit({ run: aRun({ version: round, curve: [...curve] }) });
		const head = (await stat(inRun('run.json'))).size;
		written.push(head + (await stat(inRun('curve.jsonl'))).size - before.size);
	}
	const whole = JSON.stringify({ ...aRun(), curve }).length;
	console.log(
		`bytes per commit, round 1 and 200: ${written[0]}, ${written.at(-1)}; whole: ${whole}`,
	);
	expect(written.at(-1)).toBeLessThan((written[1] ?? 0) * 1.1);
	expect(written.at(-1)).toBeLessThan(whole / 50);
	expect((await (await openDirectoryStore(root)).run('run-1'))?.curve).toEqual(curve);
});
