/** @file The library API against a real hub on this machine, with every accident that a download can meet. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Library } from '#storage/library/library.ts';
import { folder, gguf, name, useBench, weights } from '../chat/api-bench.ts';

const bench = useBench();
const progress = () => bench.events.filter((event) => event.type === 'model-progress');
const fromFiles = () => bench.hub.asked.filter((line) => line.includes('model.safetensors'));

describe('before anything is downloaded', () => {
	test('size, licence, parameters and what fits are known from headers alone', async () => {
		const about = await bench.api.describeHubModel(`https://huggingface.co/${name}/tree/main`);
		expect(about).toMatchObject({
			repository: name,
			revision: 'c'.repeat(40),
			licence: 'apache-2.0',
			isGated: false,
			option: 'safetensors',
			facts: { architecture: 'LlamaForCausalLM', contextLength: 64, form: 'F32' },
		});
		const wanted = Object.values(folder).reduce((sum, bytes) => sum + bytes.length, 0);
		expect(about.bytes).toBe(wanted);
		expect(about.facts.parameters * 4).toBeLessThan(weights.length);
		expect(about.fit.speak[0]?.verdict).toBe('fits');
		expect(await bench.library.list()).toEqual([]);
		const ranges = bench.hub.asked.filter((line) => line.startsWith('files'));
		expect(ranges.every((line) => /bytes=\d+-\d+$/.test(line))).toBe(true);
		const asked = ranges.map((line) => {
			const [, from = 0, to = 0] = /bytes=(\d+)-(\d+)$/.exec(line) ?? [];
			return Number(to) - Number(from) + 1;
		});
		expect(asked.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(weights.length / 4);
	});

	test('of several GGUF files one that can be read is offered first, with the sizes of all', async () => {
		const about = await bench.api.describeHubModel('someone/quants');
		expect(about.options).toEqual([
			{ id: 'q8/tiny-Q8_0.gguf', bytes: gguf.length },
			{ id: 'tiny-IQ1_S.gguf', bytes: 5000 },
		]);
		expect(about).toMatchObject({ option: 'q8/tiny-Q8_0.gguf', facts: { form: 'Q8_0' } });
		await expect(bench.api.describeHubModel('someone/quants', { file: 'x.gguf' })).rejects.toThrow(
			/has no file "x.gguf"; it has/,
		);
	});

	test.each([
		['someone/pickle', /pickles.*choose one with safetensors or GGUF/],
		['someone/other', /MambaForCausalLM.*not supported/],
		['someone/missing', /has no someone\/missing; check the spelling/],
		['a b/c', /no name of a model; write it as on the hub/],
		['../../etc/passwd', /no name of a model/],
	])('%s is refused with a sentence', async (wrong, sentence) => {
		await expect(bench.api.describeHubModel(wrong)).rejects.toThrow(sentence);
		expect(await bench.library.list()).toEqual([]);
	});

	test.each([
		[{ token: 'right' }, undefined, /needs a token; check its name, or give the token/],
		[{ token: 'right' }, 'wrong', /does not accept this token/],
		[{ isGated: true }, 'right', /is gated: accept its conditions on http/],
		[{ status: 429 }, undefined, /asks for a pause; try again/],
		[{ status: 503 }, undefined, /answered 503.*try again later/],
	])('%j with the token %s is a sentence with its remedy', async (mood, token, sentence) => {
		bench.hub.mood = mood;
		const choice = token === undefined ? {} : { token };
		await expect(bench.api.describeHubModel(name, choice)).rejects.toThrow(sentence);
	});

	test('no network is a sentence, and what is here stays', async () => {
		await expect(bench.open({ base: 'http://127.0.0.1:1' }).downloadModel(name)).rejects.toThrow(
			/cannot be reached; check the connection/,
		);
	});
});

describe('a download', () => {
	test('brings what the model needs and nothing else, checked, with progress', async () => {
		const entry = await bench.api.downloadModel(name);
		expect(entry).toMatchObject({
			id: 'someone--tiny',
			name,
			licence: 'apache-2.0',
			state: 'complete',
			source: { kind: 'hub', repository: name, revision: 'c'.repeat(40) },
		});
		const files = await readdir(join(bench.root, 'models', entry.id));
		expect(files.sort()).toEqual([...Object.keys(folder), 'library.json'].sort());
		expect(
			new Uint8Array(await readFile(join(bench.root, 'models', entry.id, 'model.safetensors'))),
		).toEqual(weights);
		expect(progress().at(-1)).toMatchObject({
			id: entry.id,
			bytes: entry.bytes,
			total: entry.bytes,
		});
		expect(bench.events.at(-1)).toEqual({ type: 'models-changed' });
		bench.hub.asked.length = 0;
		expect((await bench.api.resumeDownload(entry.id)).state).toBe('complete');
		expect(bench.hub.asked).toEqual([]);
	});

	test('a token opens a gated model, is seen by the hub alone, and is kept nowhere', async () => {
		bench.hub.mood = { token: 'hf_secret' };
		const { id } = await bench.api.downloadModel(name, { token: 'hf_secret' });
		expect(bench.hub.leaked).toEqual([]);
		for (const file of await readdir(join(bench.root, 'models', id)))
			expect(await readFile(join(bench.root, 'models', id, file), 'utf8')).not.toContain(
				'hf_secret',
			);
		expect(JSON.stringify(bench.events)).not.toContain('hf_secret');
	});

	test('resumes by itself after a broken connection, and fetches nothing twice', async () => {
		await bench.api.describeHubModel(name);
		bench.hub.asked.length = 0;
		bench.hub.mood = { cutAfter: 10_000, cuts: 2 };
		expect((await bench.api.downloadModel(name)).state).toBe('complete');
		const starts = fromFiles().flatMap((line) => /bytes=(\d+)-$/.exec(line)?.[1] ?? []);
		expect(starts).toEqual(['10000', '20000']);
	});

	test('gives up when the connection keeps breaking; resuming later goes on from there', async () => {
		bench.hub.mood = { cutAfter: 10_000, cuts: 1 };
		const stubborn = bench.open({
			request: async (url, init) => {
				if ((await bench.held().catch(() => 0)) >= 10_000) throw new TypeError('network is down');
				return await fetch(url, init);
			},
		});
		await expect(stubborn.downloadModel(name)).rejects.toThrow(/cannot be reached|broke/);
		expect(await bench.held()).toBe(10_000);
		const [entry] = await bench.api.listModels();
		expect(entry?.state).toBe('partial');
		bench.hub.asked.length = 0;
		expect((await bench.open().resumeDownload(entry?.id ?? '')).state).toBe('complete');
		expect(fromFiles().at(-1)).toMatch(/bytes=10000-$/);
	});

	test('cancelled, it resolves with what is there, and goes on later', async () => {
		bench.hub.mood = { slowMs: 15 };
		const downloading = bench.api.downloadModel(name);
		await expect.poll(() => bench.held().catch(() => 0), { timeout: 30_000 }).toBeGreaterThan(8000);
		await bench.api.cancelDownload('someone--tiny');
		const entry = await downloading;
		expect(entry.state).toBe('partial');
		expect(entry.held).toBeGreaterThan(8000);
		bench.hub.mood = {};
		expect((await bench.api.downloadModel(name)).state).toBe('complete');
	});

	test('a file that changed on the server is begun anew', async () => {
		bench.hub.mood = { slowMs: 15 };
		const downloading = bench.api.downloadModel(name);
		await expect.poll(() => bench.held().catch(() => 0), { timeout: 30_000 }).toBeGreaterThan(8000);
		await bench.api.cancelDownload('someone--tiny');
		await downloading;
		bench.hub.mood = { version: '"another"' };
		expect((await bench.api.resumeDownload('someone--tiny')).state).toBe('complete');
		expect(fromFiles().at(-1)).toMatch(/all$/);
	});

	test('a server without ranges gives the whole file again', async () => {
		const entry = await bench.library.begin({
			name,
			source: { kind: 'hub', repository: name, revision: 'c'.repeat(40) },
			files: [{ name: 'model.safetensors', bytes: weights.length }],
		});
		const writer = await bench.library.append(entry.id, 'model.safetensors');
		await writer.write(weights.subarray(0, 500));
		await writer.close();
		bench.hub.mood = { noRanges: true };
		expect((await bench.api.resumeDownload(entry.id)).state).toBe('complete');
	});

	test('a wrong hash is named, the file is gone, nothing opens', async () => {
		bench.hub.mood = { wrongHash: true };
		await expect(bench.api.downloadModel(name)).rejects.toThrow(
			/its hash differs.*download it again/,
		);
		expect(await bench.held()).toBe(0);
		await expect(bench.library.open('someone--tiny')).rejects.toThrow(/not complete/);
	});

	test('a disk without room is named before the first byte', async () => {
		const full = { ...bench.library, space: async () => ({ used: 1_000_000, quota: 1_001_000 }) };
		await expect(bench.open({ library: full }).downloadModel(name)).rejects.toThrow(
			/needs 1 MB more, but 1 MB are free|free disk space/,
		);
	});

	test('a disk that fills up meanwhile is named, and what is there stays', async () => {
		const filling: Library = {
			...bench.library,
			append: async (...asked) => {
				const writer = await bench.library.append(...asked);
				return {
					get held() {
						return writer.held;
					},
					write: async (bytes) => {
						const room = 30_000 - writer.held;
						await writer.write(bytes.subarray(0, room));
						if (bytes.length > room)
							throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
					},
					close: () => writer.close(),
				};
			},
		};
		await expect(bench.open({ library: filling }).downloadModel(name)).rejects.toThrow(
			/no space|no room/,
		);
		expect(await bench.held()).toBeGreaterThan(0);
		expect((await bench.api.downloadModel(name)).state).toBe('complete');
	});

	test('one GGUF in a folder of the repository is a model of its own', async () => {
		const entry = await bench.api.downloadModel('someone/quants');
		expect(entry).toMatchObject({ name: 'someone/quants tiny-Q8_0.gguf', state: 'complete' });
		expect(entry.files.map((file) => file.name)).toEqual(['tiny-Q8_0.gguf']);
	});

	test('works offline afterwards, and is renamed and deleted', async () => {
		const { id } = await bench.api.downloadModel(name);
		bench.hub.mood = { status: 500 };
		const { fit } = await bench.api.describeModel(id);
		expect(fit.disk.bytes).toBe(0);
		await bench.api.renameModel(id, 'Mine');
		expect((await bench.api.listModels()).map((entry) => entry.name)).toEqual(['Mine']);
		await bench.api.removeModel(id);
		expect(await bench.api.listModels()).toEqual([]);
	});
});
