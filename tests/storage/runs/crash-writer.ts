/**
 * @file A process to be killed: commits step after step to a folder, and says after each that it is kept.
 *
 * Each step writes a file of its own, and 20 rows of which half replace earlier ones.
 */
import { openDirectoryStore } from '#storage/runs/directory.ts';
import { fileReference } from '#storage/runs/references.ts';
import { aRow, aRun } from '../../contracts/store-samples.ts';

const [root = '', mode = 'commits'] = process.argv.slice(2);
const store = await openDirectoryStore(root);
for (let version = ((await store.run('run-1'))?.version ?? 0) + 1; ; version++) {
	const name = `weights-${version}`;
	await store.files.write(name, new Uint8Array(100_000).fill(version));
	if (mode === 'file-only') {
		process.stdout.write(`${version}\n`);
		await new Promise((resolve) => setTimeout(resolve, 60_000));
	}
	const experiences = Array.from({ length: 20 }, (_, i) =>
		aRow(version * 10 + i, { t: 1, reason: `step ${version}` }),
	);
	await store.commit({ run: aRun({ version, state: fileReference(name) }), experiences });
	process.stdout.write(`${version}\n`);
}
