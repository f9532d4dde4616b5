/** @file The store contract, held by the two stores that run in Node. */
import { openDirectoryStore } from '#storage/runs/directory.ts';
import { toJson } from '#storage/runs/json.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeDamage } from '../../contracts/describe-damage.ts';
import { describeStore } from '../../contracts/describe-store.ts';
import type { StorePlace } from '../../contracts/store-samples.ts';

describeStore('memory', async () => ({
	open: async () => openMemoryStore(),
	lasts: false,
	remove: async () => undefined,
}));

type Fields = Record<string, unknown>;

async function folder(): Promise<StorePlace> {
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
		async changeRun(id, change) {
			const path = join(root, 'runs', id, 'run.json');
			const head = JSON.parse(await readFile(path, 'utf8')) as Fields & { readonly run: Fields };
			const run = change(head.run);
			if (run === undefined) await rm(path);
			else await writeFile(path, toJson({ ...head, run }));
		},
		async changeRow(id, change) {
			const path = join(root, 'runs', 'run-1', 'experiences.jsonl');
			const text = await readFile(path, 'utf8');
			const lines = text.split('\n').map((line) => {
				if (!line.includes(id)) return line;
				// as long as before: a disk does not move what follows
				const changed = JSON.stringify(change(JSON.parse(line) as Fields));
				return changed.padEnd(line.length).slice(0, line.length);
			});
			await writeFile(path, lines.join('\n'));
		},
		remove: () => rm(root, { recursive: true, force: true }),
	};
}

describeStore('directory', folder);
describeDamage('directory', folder);
