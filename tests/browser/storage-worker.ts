/**
 * @file A dedicated worker to be killed: commits step after step, and says after each that it is kept.
 *
 * `file-only` stops after writing the file of the next step; `once` after one step.
 */
import { openDexieStore } from '#storage/runs/dexie.ts';
import { fileReference } from '#storage/runs/references.ts';
import { aRow, aRun } from '../contracts/store-samples.ts';

export type WriterMode = 'commits' | 'file-only' | 'once';

addEventListener('message', ({ data }: MessageEvent<{ name: string; mode: WriterMode }>) => {
	work(data.name, data.mode).catch(reportError);
});

async function work(name: string, mode: WriterMode): Promise<void> {
	const store = await openDexieStore({ name });
	for (let version = ((await store.run('run-1'))?.version ?? 0) + 1; ; version++) {
		const file = `weights-${version}`;
		await store.files.write(file, new Uint8Array(100_000).fill(version));
		if (mode === 'file-only') break;
		const experiences = Array.from({ length: 20 }, (_, i) =>
			aRow(version * 10 + i, { reason: `step ${version}` }),
		);
		await store.commit({ run: aRun({ version, state: fileReference(file) }), experiences });
		postMessage(version);
		if (mode === 'once') break;
	}
	postMessage(0);
}
