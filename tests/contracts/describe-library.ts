/** @file What every library of models promises: only whole models open, what is cut off goes on, hostile lists do no harm. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LibraryError, type Library, type LibraryDraft } from '#storage/library/library.ts';
import { sha256 } from '#storage/files/sha256.ts';

/** Where a library lies, and how to spoil it. */
export interface LibraryPlace {
	/** The same place again, as after a restart. */
	open(): Promise<Library>;
	/** The file as it is on disk; undefined where there is none. */
	read(folder: string, file: string): Promise<Uint8Array | undefined>;
	/** Puts a file there behind the library's back. */
	write(folder: string, file: string, bytes: Uint8Array): Promise<void>;
	remove(): Promise<void>;
}

const config = new TextEncoder().encode('{"model_type": "llama"}');
const weights = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) % 251);

const draft = async (more: Partial<LibraryDraft> = {}): Promise<LibraryDraft> => ({
	name: 'Tiny model',
	source: { kind: 'hub', repository: 'someone/tiny', revision: 'a'.repeat(40) },
	licence: 'apache-2.0',
	facts: { architecture: 'LlamaForCausalLM', parameters: 70, contextLength: 64, form: 'F16' },
	files: [
		{ name: 'config.json', bytes: config.length },
		{ name: 'model.safetensors', bytes: weights.length, sha256: await sha256(weights) },
	],
	...more,
});

const code = async (work: Promise<unknown>): Promise<LibraryError> => {
	const error: unknown = await work.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	if (!(error instanceof LibraryError)) throw new Error(`Not a LibraryError: ${String(error)}`);
	expect(error.message).toMatch(/\.$/);
	return error;
};

async function put(library: Library, id: string, file: string, ...pieces: readonly Uint8Array[]) {
	const writer = await library.append(id, file, { anew: true });
	for (const piece of pieces) await writer.write(piece);
	await writer.close();
	return await library.finish(id, file);
}

async function putAll(library: Library, more: Partial<LibraryDraft> = {}): Promise<string> {
	const { id } = await library.begin(await draft(more));
	await put(library, id, 'config.json', config);
	await put(library, id, 'model.safetensors', weights.subarray(0, 9), weights.subarray(9));
	return id;
}

export function describeLibrary(name: string, makePlace: () => Promise<LibraryPlace>): void {
	describe(`the ${name} library`, () => {
		let place: LibraryPlace;
		let library: Library;
		beforeEach(async () => {
			place = await makePlace();
			library = await place.open();
		});
		afterEach(() => place.remove());

		test('is empty at first, and knows no model', async () => {
			expect(await library.list()).toEqual([]);
			expect(await library.entry('tiny')).toBeUndefined();
			expect((await code(library.open('tiny'))).code).toBe('no-such-model');
		});

		test('keeps a model with what was said of it, also after a restart', async () => {
			const id = await putAll(library);
			const again = await place.open();
			const [entry, ...others] = await again.list();
			expect(others).toEqual([]);
			expect(entry).toMatchObject({
				id,
				name: 'Tiny model',
				source: { kind: 'hub', repository: 'someone/tiny' },
				licence: 'apache-2.0',
				facts: { parameters: 70, form: 'F16' },
				bytes: config.length + weights.length,
				held: config.length + weights.length,
				state: 'complete',
			});
			const open = await again.open(id);
			expect(open.files.map(({ name: file, size }) => [file, size])).toEqual([
				['config.json', config.length],
				['model.safetensors', weights.length],
			]);
			expect(await open.files[1]?.read(100, 200)).toEqual(weights.slice(100, 200));
			await open.close();
		});

		test('opens nothing that is not complete, and says how much is there', async () => {
			const { id } = await library.begin(await draft());
			const writer = await library.append(id, 'model.safetensors');
			await writer.write(weights.subarray(0, 1000));
			await writer.close();
			expect((await library.entry(id))?.state).toBe('partial');
			const error = await code(library.open(id));
			expect(error.code).toBe('incomplete');
			expect(error.message).toMatch(/resume/);
		});

		test('goes on where it was cut off, also after a restart', async () => {
			const { id } = await library.begin(await draft());
			const first = await library.append(id, 'model.safetensors', { version: '"v1"' });
			await first.write(weights.subarray(0, 1000));
			await first.close();
			const again = await place.open();
			const entry = await again.begin(await draft());
			expect(entry.id).toBe(id);
			expect(entry.files[1]).toMatchObject({ held: 1000, state: 'partial', version: '"v1"' });
			const second = await again.append(id, 'model.safetensors');
			expect(second.held).toBe(1000);
			await second.write(weights.subarray(1000));
			await second.close();
			await again.finish(id, 'model.safetensors');
			expect(await place.read(id, 'model.safetensors')).toEqual(weights);
		});

		test('beginning again keeps the files that are whole', async () => {
			const id = await putAll(library);
			const entry = await library.begin(await draft());
			expect(entry).toMatchObject({ id, state: 'complete' });
		});

		test('a partial model of another commit is begun anew, a whole one stays beside it', async () => {
			const source = { kind: 'hub', repository: 'someone/tiny', revision: 'b'.repeat(40) } as const;
			const { id } = await library.begin(await draft());
			const writer = await library.append(id, 'config.json');
			await writer.write(config);
			await writer.close();
			const entry = await library.begin(await draft({ source }));
			expect(entry).toMatchObject({ id, held: 0, source });
			await library.remove(id);
			const whole = await putAll(library);
			const other = await library.begin(await draft({ source }));
			expect(other.id).not.toBe(whole);
			expect((await library.entry(whole))?.state).toBe('complete');
		});

		test('refuses other bytes than promised, and forgets them', async () => {
			const { id } = await library.begin(await draft());
			const wrong = weights.slice();
			wrong[5] = 0;
			const error = await code(put(library, id, 'model.safetensors', wrong));
			expect(error.code).toBe('corrupt');
			expect(error.message).toMatch(/download it again/);
			expect((await library.entry(id))?.files[1]).toMatchObject({ held: 0, state: 'partial' });
		});

		test('refuses a file that is too short or too long', async () => {
			const { id } = await library.begin(await draft());
			expect((await code(put(library, id, 'model.safetensors', weights.subarray(1)))).code).toBe(
				'corrupt',
			);
			const writer = await library.append(id, 'config.json');
			expect((await code(writer.write(weights))).code).toBe('corrupt');
			await writer.close();
		});

		test('checks small files by the name that git gives them', async () => {
			const files = [
				{ name: 'hello', bytes: 6, gitSha1: 'ce013625030ba8dba906f756967f9e9ca394464a' },
			];
			const { id } = await library.begin(await draft({ files }));
			const text = (words: string) => new TextEncoder().encode(words);
			expect((await code(put(library, id, 'hello', text('jello\n')))).code).toBe('corrupt');
			expect((await put(library, id, 'hello', text('hello\n'))).state).toBe('complete');
		});

		test('keeps a file without a byte', async () => {
			const files = [{ name: 'empty', bytes: 0 }];
			const { id } = await library.begin(await draft({ files }));
			expect((await library.finish(id, 'empty')).state).toBe('complete');
		});

		test('notices a file that became shorter or longer since', async () => {
			const id = await putAll(library);
			for (const length of [10, weights.length + 1]) {
				await place.write(id, 'model.safetensors', new Uint8Array(length));
				expect((await library.entry(id))?.state).toBe('partial');
				expect((await code(library.open(id))).code).toBe('incomplete');
			}
		});

		test('renames and deletes; other models stay', async () => {
			const id = await putAll(library);
			const other = await putAll(library, { name: 'Other', source: { kind: 'files' } });
			await library.rename(id, '  My \n model ');
			expect((await library.list()).map((entry) => entry.name)).toEqual(['My model', 'Other']);
			expect((await code(library.rename(id, ' '))).code).toBe('bad-file');
			await library.remove(id);
			await library.remove(id);
			expect((await library.list()).map((entry) => entry.id)).toEqual([other]);
			expect(await place.read(id, 'model.safetensors')).toBeUndefined();
		});

		test('two models of one name lie side by side', async () => {
			const files = { kind: 'files' } as const;
			const ids = [
				await putAll(library, { source: files }),
				await putAll(library, { source: files }),
			];
			expect(new Set(ids).size).toBe(2);
			for (const id of ids) expect((await library.entry(id))?.state).toBe('complete');
		});

		test.each([
			'../evil',
			'a/b',
			'/etc/passwd',
			'.hidden',
			'',
			'library.json',
			'con',
			'nul.bin',
			'a\\b',
			'x'.repeat(201),
		])('refuses the file name %j', async (file) => {
			const error = await code(library.begin(await draft({ files: [{ name: file, bytes: 1 }] })));
			expect(error.code).toBe('bad-file');
			expect(await library.list()).toEqual([]);
		});

		test('refuses sizes, hashes and repeats that cannot be', async () => {
			for (const files of [
				[],
				[{ name: 'a', bytes: -1 }],
				[{ name: 'a', bytes: 2 ** 50 }],
				[{ name: 'a', bytes: Number.NaN }],
				[{ name: 'a', bytes: 1, sha256: 'no' }],
				[
					{ name: 'a', bytes: 1 },
					{ name: 'A', bytes: 1 },
				],
			])
				expect((await code(library.begin(await draft({ files })))).code).toBe('bad-file');
		});

		test.each([
			['torn', '{"format": 1, "name": "x"'],
			['of another format', '{"format": 2, "name": "x", "files": []}'],
			[
				'with a path',
				'{"format":1,"name":"x","source":{"kind":"files"},"addedAt":0,"files":[{"name":"../x","bytes":1}]}',
			],
			['that is no object', '[]'],
		])('a list %s hides no other model, opens nothing, and can be deleted', async (_, text) => {
			const id = await putAll(library);
			await place.write('spoilt', 'library.json', new TextEncoder().encode(text));
			const found = await library.list();
			expect(new Map(found.map((entry) => [entry.id, entry.state]))).toEqual(
				new Map([
					['spoilt', 'partial'],
					[id, 'complete'],
				]),
			);
			expect((await code(library.open('spoilt'))).code).toBe('corrupt');
			await library.remove('spoilt');
			expect((await library.list()).map((entry) => entry.id)).toEqual([id]);
		});

		test('ids that are no folder of it do nothing', async () => {
			for (const id of ['..', '../x', '/', '', '.'])
				expect([await library.entry(id), (await code(library.open(id))).code]).toEqual([
					undefined,
					'no-such-model',
				]);
			await library.remove('..');
		});

		test('stops a check when told to, and keeps the file', async () => {
			const { id } = await library.begin(await draft());
			const writer = await library.append(id, 'model.safetensors');
			await writer.write(weights);
			await writer.close();
			const signal = AbortSignal.abort();
			await expect(library.finish(id, 'model.safetensors', { signal })).rejects.toThrow(/abort/i);
			expect((await library.finish(id, 'model.safetensors')).files[1]?.state).toBe('complete');
		});

		test('tells how much room there is', async () => {
			const space = await library.space();
			expect(space?.quota).toBeGreaterThan(space?.used ?? Infinity);
		});
	});
}
