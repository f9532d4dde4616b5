/** @file The store contract, held by the two stores that run in Node. */
import { openDirectoryStore } from '#storage/runs/directory.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeStore } from '../../contracts/describe-store.ts';

describeStore('memory', async () => ({
	open: async () => openMemoryStore(),
	lasts: false,
	remove: async () => undefined,
}));

describeStore('directory', async () => {
	const root = await mkdtemp(join(tmpdir(), 'evolvarium-store-'));
	return {
		open: () => openDirectoryStore(root),
		lasts: true,
		async damage(name) {
			const path = join(root, 'files', name);
			const bytes = await readFile(path);
			bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
			await writeFile(path, bytes);
		},
		remove: () => rm(root, { recursive: true, force: true }),
	};
});
