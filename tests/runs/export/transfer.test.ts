/** @file Runs out and in: exact copies, PEFT's files, TRL's rows, and archives that are refused whole. */
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readPeftAdapter } from '#model/checkpoint/peft.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { loadAdapter } from '#runs/stored/codec.ts';
import { readSavedState } from '#runs/stored/saved-state.ts';
import { like } from '../../matchers.ts';
import { settled, setUp, small, spec } from '../bench.ts';

async function finished() {
	const bench = setUp();
	const session = bench.open();
	const done = settled(session);
	const id = await session.start({ ...small, rounds: 1 });
	await done;
	return { bench, session, id };
}

describe('a whole run', () => {
	test('goes on elsewhere exactly as it would have here', async () => {
		const { bench, session, id } = await finished();
		const zip = await session.export(id, 'run');
		const there = setUp();
		const other = there.open();
		const copy = await other.import(zip.bytes);
		for (const [each, runId] of [
			[session, id],
			[other, copy],
		] as const) {
			const done = settled(each);
			await each.resume(runId, { rounds: 2 });
			await done;
		}
		const [here, away] = [await bench.store.run(id), await there.store.run(copy)];
		expect(away?.state).toEqual(here?.state);
		expect(away?.scores).toEqual(here?.scores);
		expect(away?.scores).toHaveLength(3);
	});

	test.each([
		['cut short', (bytes: Uint8Array) => bytes.slice(0, bytes.length / 2)],
		[
			'with a flipped bit',
			(bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte)),
		],
		[
			'with another manifest',
			(bytes: Uint8Array) => zipSync({ ...unzipSync(bytes), 'manifest.json': new Uint8Array(2) }),
		],
	])('%s is refused, and nothing is written', async (_how, spoil) => {
		const { session, id } = await finished();
		const { bytes } = await session.export(id, 'run');
		const store = openMemoryStore();
		const other = setUp(store).open();
		await expect(other.import(spoil(bytes))).rejects.toMatchObject({ code: 'corrupt' });
		expect(await store.runs()).toEqual([]);
		expect(await store.files.list()).toEqual([]);
	});
});

describe('the adapter', () => {
	test('is what PEFT reads: the same tensors', async () => {
		const { bench, session, id } = await finished();
		const { name, bytes } = await session.export(id, 'peft');
		expect(name).toMatch(/-adapter\.zip$/);
		const files = unzipSync(bytes);
		const adapter = await readPeftAdapter(async (file) => files[file] ?? Uint8Array.of(), spec);
		expect(adapter.parameters).toMatchObject({ kind: 'lora', rank: 2 });
		const saved = readSavedState((await bench.store.run(id))?.state);
		expect(saved.policy.adapter?.parameters).toEqual(adapter.parameters);
		const kept = await loadAdapter(saved.policy, bench.store.files);
		expect(adapter.tensors.size).toBe(7 * 2);
		for (const [tensor, { shape, data }] of adapter.tensors)
			expect(kept?.tensors.get(tensor), tensor).toEqual({ shape, data });
	});

	test('of a run that trains all weights is a model folder with its tokenizer', async () => {
		const session = setUp().open();
		const done = settled(session);
		const id = await session.start({
			...small,
			rounds: 1,
			knobs: { ...small.knobs, trains: 'full' },
		});
		await done;
		const files = unzipSync((await session.export(id, 'peft')).bytes);
		expect(Object.keys(files).sort()).toEqual([
			'config.json',
			'model.safetensors',
			'tokenizer.json',
		]);
	});

	test('of an untrained run is refused with the remedy', async () => {
		const session = setUp().open();
		const id = await session.start(small);
		await session.pause();
		for (const format of ['peft', 'jsonl'] as const)
			await expect(session.export(id, format)).rejects.toMatchObject({
				code: 'nothing-to-export',
				message: like(/let it finish/),
			});
	});
});

test('kept rows are prompt and completion, without what was rejected by hand', async () => {
	const { session, id } = await finished();
	const kept = (await session.experiences(id)).filter((row) => row.fate === 'kept');
	await session.reject(id, kept[0]?.id ?? '', true);
	const { bytes } = await session.export(id, 'jsonl');
	const lines = new TextDecoder().decode(bytes).trimEnd().split('\n');
	expect(lines).toHaveLength(kept.length - 1);
	for (const line of lines)
		expect(JSON.parse(line)).toEqual({
			prompt: like(/<$/),
			completion: like(/\$$/),
		});
});
