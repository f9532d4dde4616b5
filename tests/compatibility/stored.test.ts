/** @file Runs of the version before: listed, read, gone on with and exported by this one. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNodePlatform } from '#platform/open-node.ts';
import { LocalSession } from '#runs/local-session.ts';
import { loadState, saveState } from '#runs/stored/codec.ts';
import { readExperience } from '#runs/stored/experience.ts';
import { readRow } from '#runs/stored/row.ts';
import { readSavedState } from '#runs/stored/saved-state.ts';
import { isScore } from '#runs/stored/score.ts';
import { readArchive } from '#storage/archive/archive.ts';
import { openDirectoryStore } from '#storage/runs/directory.ts';
import type { Store } from '#storage/runs/store.ts';
import { settled } from '../runs/bench.ts';

const before = new URL('../fixtures/compatibility/', import.meta.url);
const fixture = (name: string): string => fileURLToPath(new URL(name, before));
const runId = '5s5k161c29410i6p';

let root = '';
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'evolvarium-before-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The old folder, to be changed as one likes. */
async function folder(name: string): Promise<string> {
	const path = join(root, name);
	await cp(fixture('store'), path, { recursive: true });
	return path;
}

/** Every row is an experience, and every score an examination. */
async function isWhole(store: Store, id: string, rows: number): Promise<void> {
	const run = await store.run(id);
	const found = await store.experiences(id);
	expect(found).toHaveLength(rows);
	for (const row of found) {
		const read = readRow(row);
		expect(read?.payload.rollouts.length, row.id).toBeGreaterThan(0);
		expect(read?.payload.task.text).toBe(row.text);
	}
	expect(run?.scores.length).toBeGreaterThan(0);
	expect(run?.scores.every(isScore)).toBe(true);
}

/** Saved anew it is the same state, weights and order of tensors included. */
async function roundTrips(store: Store, id: string): Promise<void> {
	const saved = readSavedState((await store.run(id))?.state);
	const state = await loadState(saved, store.files, () => undefined, '');
	expect(state.policy.trainer?.tensors.size).toBeGreaterThan(0);
	// Without the state before, every weight is written again, under the name of its content.
	expect(await saveState(state, store.files)).toEqual(saved);
}

/** One round more would be four steps; one is enough. */
async function goesOn(path: string, id: string): Promise<void> {
	const session = new LocalSession(await openNodePlatform({ folder: path, threads: 1 }));
	const [was] = (await session.runs()).filter((run) => run.id === id);
	const rows = (await session.experiences(id)).length;
	const idle = settled(session);
	await session.resume(id, { rounds: 2, singleStep: true });
	await idle;
	const [is] = (await session.runs()).filter((run) => run.id === id);
	const state = readSavedState(is?.state);
	expect(was && readSavedState(was.state)).toMatchObject({ t: 2, phase: 'acquire' });
	expect(state).toMatchObject({ t: 2, phase: 'refine' });
	expect(state.experience.length).toBeGreaterThan(0);
	expect((await session.experiences(id)).length).toBe(rows + state.experience.length);
	await session.dispose();
}

describe('a store in a folder', () => {
	test('is listed as it was', async () => {
		const store = await openDirectoryStore(await folder('list'));
		expect(await store.runs()).toMatchObject([
			{
				id: runId,
				name: 'A run of before',
				status: 'finished',
				recipe: {
					method: 'easy-to-hard',
					environment: 'addition',
					seed: 7,
					rounds: 1,
					knobs: { problems: 12, replayShare: 0.25, replayFrom: 'rounds', rank: 2 },
					model: 'addition',
				},
			},
		]);
		await isWhole(store, runId, 12);
		expect((await store.files.list()).length).toBe(2);
		await store.close();
	});

	test('gives back its state, and takes it again', async () => {
		const store = await openDirectoryStore(await folder('state'));
		await roundTrips(store, runId);
		await store.close();
	});

	test('goes on with the next step', async () => {
		await goesOn(await folder('resume'), runId);
	});
});

describe('an exported run', () => {
	const archive = async () => new Uint8Array(await readFile(fixture('star.evolvarium.zip')));

	test('is read with every row and file', async () => {
		const { run, rows, files } = await readArchive(await archive());
		expect(run).toMatchObject({ name: 'Exported before', recipe: { method: 'star', seed: 5 } });
		expect(rows.every((row) => readRow(row) !== undefined)).toBe(true);
		expect([rows.length, files.size]).toEqual([12, 2]);
	});

	test('is imported, exported again the same, and goes on with the next step', async () => {
		const path = join(root, 'import');
		const platform = await openNodePlatform({ folder: path, threads: 1 });
		const session = new LocalSession(platform);
		const id = await session.import(await archive());
		await isWhole(platform.store, id, 12);
		await roundTrips(platform.store, id);
		const again = await readArchive((await session.export(id, 'run')).bytes);
		const first = await readArchive(await archive());
		expect(again.rows).toEqual(
			first.rows.map((row) => ({ ...row, payload: readExperience(row.payload), runId: id })),
		);
		expect(again.files).toEqual(first.files);
		expect(again.run).toEqual({ ...first.run, id, version: 1 });
		const lines = new TextDecoder().decode((await session.export(id, 'jsonl')).bytes).trim();
		expect(lines.split('\n').map((line) => typeof JSON.parse(line))).toContain('object');
		await session.dispose();
		await goesOn(path, id);
	});
});
