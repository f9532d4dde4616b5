/** @file A process is killed in the middle of writing: what was kept is there, whole, and nothing else is. */
import { derive, random } from '#base/random.ts';
import { openDirectoryStore } from '#storage/runs/directory.ts';
import { fileReference } from '#storage/runs/references.ts';
import { withFolderLock } from '#storage/runs/folder/lock.ts';
import { spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aRow, aRun, expectCode, rows } from '../../contracts/store-samples.ts';

const writer = fileURLToPath(new URL('crash-writer.ts', import.meta.url));
let root: string;
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), 'evolvarium-crash-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Lets the writer work until `last` steps are said to be kept and `delay` ms more; returns what it said last. */
async function runAndKill(last: number, delay: number, mode = 'commits'): Promise<number> {
	const child = spawn(process.execPath, ['--import', 'tsx', writer, root, mode], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let said = '';
	let complaint = '';
	child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
	const count = (): number => said.split('\n').length - 1;
	await new Promise<void>((resolve, reject) => {
		child.stdout.on('data', (chunk: Buffer) => {
			said += chunk.toString();
			if (count() >= last) resolve();
		});
		child.once('exit', () => reject(new Error(`the writer ended by itself: ${complaint}`)));
	});
	await new Promise((resolve) => setTimeout(resolve, delay));
	const ended = new Promise((resolve) => child.once('close', resolve));
	child.kill('SIGKILL');
	await ended;
	return Number(said.trim().split('\n').at(-1));
}

test('killed at random moments, a folder holds every kept step and no part of another', async () => {
	const draw = random(derive(1, 'crash'));
	for (let n = 0; n < 6; n++) {
		const kept = await runAndKill(3, draw.next() * 60);
		const store = await openDirectoryStore(root);
		const run = await store.run('run-1');
		const version = run?.version ?? 0;
		expect(version).toBeGreaterThanOrEqual(kept);
		expect(version).toBeLessThanOrEqual(kept + 1);
		expect(await store.files.list()).toEqual([`weights-${version}`]);
		expect((await store.files.read(`weights-${version}`))?.every((x) => x === version % 256)).toBe(
			true,
		);
		const stored = await store.experiences('run-1');
		expect(stored.map(({ id }) => id)).toEqual(rows(10, (version + 2) * 10).map(({ id }) => id));
		for (const { id, reason } of stored)
			expect(reason).toBe(`step ${Math.min(version, Math.floor(Number(id.slice(1)) / 10))}`);
		await store.close();
		expect((await readdir(join(root, 'files'))).length).toBe(1);
		expect((await readdir(root)).filter((name) => name.startsWith('.lock'))).toEqual([]);
	}
});

test('killed between the file and the commit, the file goes and the run stays as it was', async () => {
	await runAndKill(2, 0);
	const before = await openDirectoryStore(root);
	const run = await before.run('run-1');
	await before.close();
	await runAndKill(1, 0, 'file-only');
	expect((await readdir(join(root, 'files'))).length).toBe(2);
	const store = await openDirectoryStore(root);
	expect(await store.run('run-1')).toEqual(run);
	expect(await store.files.list()).toEqual([`weights-${run?.version ?? 0}`]);
});

test('what a torn commit appended does not count, and the next commit cuts it off', async () => {
	const store = await openDirectoryStore(root);
	await store.commit({ run: aRun(), experiences: rows(0, 3) });
	const path = join(root, 'runs', 'run-1', 'experiences.jsonl');
	await appendFile(path, JSON.stringify(aRow(7)) + '\n{"half":');
	const again = await openDirectoryStore(root);
	expect(await again.countExperiences('run-1')).toBe(3);
	await again.commit({ run: aRun({ version: 2 }), experiences: rows(3, 4) });
	const third = await openDirectoryStore(root);
	expect(await third.experiences('run-1')).toEqual(rows(0, 4));
	expect(await store.experiences('run-1')).toEqual(rows(0, 4)); // sees what another handle wrote
});

test('a damaged record or row file is named, with what to do', async () => {
	const store = await openDirectoryStore(root);
	await store.commit({ run: aRun(), experiences: rows(0, 3) });
	const folder = join(root, 'runs', 'run-1');
	await writeFile(join(folder, 'experiences.jsonl'), 'x\n'.repeat(2000));
	const again = await openDirectoryStore(root);
	const read = await again.experiences('run-1');
	expect(read.length).toBe(await again.countExperiences('run-1'));
	expect(read[0]).toMatchObject({
		id: 'line 1 of experiences.jsonl',
		damaged: 'its checksum is missing',
	});
	expect(read.every(({ damaged }) => damaged !== undefined)).toBe(true);
	await writeFile(join(folder, 'run.json'), '{"format":1');
	await expectCode(again.run('run-1'), 'corrupt');
});

test.each([
	['cut short', '{"format":1'],
	[
		'without its state',
		JSON.stringify({ format: 1, rowBytes: 0, run: { ...aRun(), state: undefined } }),
	],
	['of nobody', '{"format":1,"rowBytes":0,"run":null}'],
])('a record %s is named; other runs go on, and no weights are swept', async (_what, text) => {
	const name = 'weights/abc.safetensors';
	const store = await openDirectoryStore(root);
	await store.files.write(name, Uint8Array.of(1, 2, 3));
	await store.commit({ run: aRun({ state: fileReference(name) }) });
	await store.commit({ run: aRun({ id: 'run-2' }) });
	await store.close();
	await writeFile(join(root, 'runs', 'run-1', 'run.json'), text);
	await writeFile(join(root, 'runs', '.DS_Store'), 'of the file manager');
	const again = await openDirectoryStore(root);
	expect((await again.runs()).map(({ id }) => id)).toEqual(['run-2']);
	await expectCode(again.run('run-1'), 'corrupt');
	await again.commit({ run: aRun({ id: 'run-2', version: 2 }) });
	expect(await again.files.read(name)).toEqual(Uint8Array.of(1, 2, 3));
	await again.close();
});

test('a lock of a dead process is broken, one of a living process is respected', async () => {
	const path = join(root, '.lock');
	const dead = spawn(process.execPath, ['-e', '']);
	await new Promise((resolve) => dead.once('close', resolve));
	await writeFile(path, String(dead.pid));
	expect(await withFolderLock(path, async () => 'mine')).toBe('mine');

	const order: string[] = [];
	let free = (): void => undefined;
	const first = withFolderLock(path, async () => {
		order.push('first');
		await new Promise<void>((resolve) => (free = resolve));
		order.push('first ends');
	});
	await expect.poll(() => order).toEqual(['first']);
	const second = withFolderLock(path, async () => void order.push('second'));
	await new Promise((resolve) => setTimeout(resolve, 50));
	free();
	await Promise.all([first, second]);
	expect(order).toEqual(['first', 'first ends', 'second']);
});

test('a folder that cannot be written says so', async () => {
	await writeFile(join(root, 'file'), '');
	await expectCode(openDirectoryStore(join(root, 'file')), 'not-available');
});

test('100,000 rows are paged and counted at once (times are printed)', async () => {
	const store = await openDirectoryStore(root);
	const timed = async (name: string, work: () => Promise<unknown>): Promise<string> => {
		const start = performance.now();
		await work();
		return `${name} ${(performance.now() - start).toFixed(0)} ms`;
	};
	const lines: string[] = [];
	for (let version = 1; version <= 10; version++)
		await store.commit({
			run: aRun({ version }),
			experiences: rows((version - 1) * 10_000, version * 10_000, { t: version }),
		});
	const again = await openDirectoryStore(root);
	lines.push(await timed('first count', () => again.countExperiences('run-1')));
	lines.push(await timed('count', () => again.countExperiences('run-1')));
	for (const offset of [0, 50_000, 99_900]) {
		const page = { offset, limit: 100 };
		lines.push(await timed(`100 rows at ${offset}`, () => again.experiences('run-1', page)));
		expect((await again.experiences('run-1', page)).map(({ id }) => id)).toEqual(
			rows(offset, offset + 100).map(({ id }) => id),
		);
	}
	console.log(lines.join('\n'));
});
