/** @file Every byte source gives exactly the range that is asked for, or a sentence. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ByteSource } from '#model/checkpoint/byte-source.ts';
import { blobSource, bytesSource, partOf, readWhole } from '#model/checkpoint/sources/memory.ts';
import { openHttpSource } from '#storage/sources/http-range.ts';
import { openFileSource, type OpenFile } from '#storage/sources/node-file.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 256);
/** What the server does next. */
let mood: 'well' | 'no-ranges' | 'forbidden' | 'changed' | 'cut' | 'no-size' = 'well';
const authorization: (string | undefined)[] = [];

const server = createServer((request, response) => {
	authorization.push(request.headers.authorization);
	const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
	const [from, to] = [Number(first), Number(last) + 1];
	if (mood === 'forbidden') return response.writeHead(403).end();
	if (mood === 'no-ranges') return response.writeHead(200).end(bytes);
	const body = bytes.subarray(from, mood === 'cut' ? to - 1 : to);
	response.writeHead(206, {
		'content-range': `bytes ${from}-${to - 1}/${mood === 'no-size' ? '*' : bytes.length}`,
		etag: mood === 'changed' ? '"b"' : '"a"',
	});
	response.end(body);
});
let url = '';
let folder = '';
let file: OpenFile;
let path = '';

beforeAll(async () => {
	await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/model.gguf`;
	folder = await mkdtemp(join(tmpdir(), 'sources-'));
	path = join(folder, 'model.gguf');
	await writeFile(path, bytes);
	file = await openFileSource(path);
});
afterAll(async () => {
	server.close();
	await file.close();
	await rm(folder, { recursive: true });
});

const kinds: Readonly<Record<string, () => Promise<ByteSource>>> = {
	bytes: async () => bytesSource('model.gguf', bytes),
	Blob: async () => blobSource('model.gguf', new Blob([bytes])),
	part: async () => {
		const around = new Uint8Array(1200);
		around.set(bytes, 100);
		return partOf(bytesSource('all', around), 'model.gguf', 100, 1100);
	},
	'Node file': async () => file,
	'HTTP range': () => openHttpSource(url),
};

describe.each(Object.entries(kinds))('%s', (_, open) => {
	it('knows its name and size, and gives any range', async () => {
		const source = await open();
		expect({ name: source.name, size: source.size }).toEqual({ name: 'model.gguf', size: 1000 });
		await fc.assert(
			fc.asyncProperty(fc.nat(1000), fc.nat(1000), async (a, b) => {
				const [from, to] = [Math.min(a, b), Math.max(a, b)];
				expect(await source.read(from, to)).toEqual(bytes.subarray(from, to));
			}),
			{ numRuns: 20 },
		);
	});

	it('refuses a range that is not there, and stops when aborted', async () => {
		const source = await open();
		await expect(source.read(990, 1001)).rejects.toThrow('is cut off');
		await expect(source.read(5, 4)).rejects.toThrow('are not a range');
		await expect(source.read(-1, 4)).rejects.toThrow('are not a range');
		await expect(source.read(0, 4, AbortSignal.abort())).rejects.toThrow('abort');
	});
});

describe('what can go wrong', () => {
	it.each([
		['no-ranges', 'does not answer range requests; download the whole file'],
		['forbidden', 'needs a token'],
		['no-size', 'does not tell its size'],
	] as const)('a server that is %s is named', async (next, message) => {
		mood = next;
		await expect(openHttpSource(url)).rejects.toThrow(message);
		mood = 'well';
	});

	it.each([
		['changed', 'changed on the server'],
		['cut', 'the connection gave 9 of 10 bytes'],
	] as const)('a file that is %s while it is read is named', async (next, message) => {
		const source = await openHttpSource(url);
		mood = next;
		await expect(source.read(10, 20)).rejects.toThrow(message);
		mood = 'well';
	});

	it('a token goes with every request', async () => {
		authorization.length = 0;
		const source = await openHttpSource(url, { headers: { authorization: 'Bearer x' } });
		await source.read(0, 1);
		expect(authorization).toEqual(['Bearer x', 'Bearer x']);
	});

	it('no server at all is named', async () => {
		await expect(openHttpSource('http://127.0.0.1:1/model.gguf')).rejects.toThrow(
			'cannot be reached',
		);
	});

	it('a file that is not there, or becomes shorter, is named', async () => {
		await expect(openFileSource(join(folder, 'other'))).rejects.toThrow('cannot be opened');
		const other = join(folder, 'shrinks');
		await writeFile(other, bytes);
		const source = await openFileSource(other);
		await truncate(other, 10);
		await expect(source.read(0, 100)).rejects.toThrow('became shorter');
		await source.close();
	});

	it('a small file that is not small is refused', async () => {
		await expect(readWhole(file, 999)).rejects.toThrow('more than the 999');
	});
});
