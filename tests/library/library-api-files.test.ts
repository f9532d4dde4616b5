/** @file Files of a person taken in by the library API: checked first, copied whole, refused with a sentence. */
import { describe, expect, test } from 'vitest';
import { bytesSource } from '#model/checkpoint/sources/memory.ts';
import { createLibraryApi } from '#library/library-api.ts';
import { folder, gguf, probe, useBench, weights } from '../chat/api-bench.ts';

const bench = useBench();

describe('files of a person', () => {
	const given = (files: Readonly<Record<string, Uint8Array>>, under = '') =>
		Object.entries(files).map(([file, bytes]) => ({
			name: `${under}${file}`,
			blob: new Blob([new Uint8Array(bytes)]),
		}));

	test('a GGUF is checked, copied and listed with its facts', async () => {
		const entry = await bench.api.addFiles(given({ 'mine.gguf': gguf }));
		expect(entry).toMatchObject({
			name: 'mine',
			state: 'complete',
			facts: { form: 'Q8_0' },
			bytes: gguf.length,
		});
		expect(entry.files[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
	});

	test('a folder is taken without what does not belong to the model, under its name', async () => {
		const files = { ...folder, 'optimizer.pt': new Uint8Array(9), 'notes.txt': new Uint8Array(3) };
		const entry = await bench.api.addFiles(given(files, 'my-model/'));
		expect(entry).toMatchObject({ name: 'my-model', state: 'complete' });
		expect(entry.files.map((file) => file.name).sort()).toEqual(Object.keys(folder).sort());
	});

	test.each([
		['a picture', { 'cat.png': new Uint8Array(5000).fill(7) }],
		['a cut-off GGUF', { 'cut.gguf': gguf.subarray(0, 6000) }],
		['weights without config', { 'model.safetensors': weights }],
		[
			'a folder without a tokenizer',
			{ 'config.json': folder['config.json'] ?? gguf, 'model.safetensors': weights },
		],
		['two GGUF files', { 'a.gguf': gguf, 'b.gguf': gguf }],
		['nothing', {}],
	] as const)('%s is refused with a sentence, and nothing is written', async (_, files) => {
		await expect(bench.api.addFiles(given(files))).rejects.toThrow(/\.$/);
		expect(await bench.api.listModels()).toEqual([]);
	});

	test('a file that goes away while it is copied leaves nothing behind', async () => {
		const source = bytesSource('mine.gguf', gguf);
		const read: typeof source.read = async (from, to, signal) => {
			if (from === 0 && to === gguf.length) throw new Error('the stick was pulled out.');
			return await source.read(from, to, signal);
		};
		await expect(bench.api.addSources([{ ...source, read }])).rejects.toThrow(/pulled out/);
		expect(await bench.api.listModels()).toEqual([]);
	});
});

test('a place that keeps no files says so', async () => {
	const nowhere = createLibraryApi({
		request: fetch,
		library: undefined,
		probe: async () => probe,
		now: () => 0,
	});
	await expect(nowhere.listModels()).rejects.toThrow(/open it over https/);
});
