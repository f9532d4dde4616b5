/** @file An exported run to test archives with, and a way to forge it. */
import { exportRun } from '#storage/archive/archive.ts';
import { openMemoryStore } from '#storage/runs/memory.ts';
import { fileReference } from '#storage/runs/references.ts';
import { sha256 } from '#storage/files/sha256.ts';
import type { Store } from '#storage/runs/store.ts';
import { strToU8, unzipSync, zipSync, type Zippable } from 'fflate';
import { aRow, aRun, rows } from '../../contracts/store-samples.ts';

export const weights = Uint8Array.from({ length: 3000 }, (_, i) => (i * 31) % 251);
export const run = aRun({
	version: 7,
	message: 'it said "</script>"',
	state: { t: 2, policy: { adapter: fileReference('weights/abc.safetensors'), loss: Number.NaN } },
});
export const experiences = [
	...rows(0, 40),
	aRow(40, { score: null, answer: null, verdict: 'malformed', text: '🌱\u2028\n"' }),
	aRow(41, { score: Number.NEGATIVE_INFINITY }),
];

/** Given to `importRun`: what a later version must not be confused by. */
export const id = 'imported';

export async function filled(): Promise<Store> {
	const store = openMemoryStore();
	await store.files.write('weights/abc.safetensors', weights);
	for (let version = 1; version <= 7; version++)
		await store.commit({ run: { ...run, version }, experiences });
	return store;
}
export const { bytes: archive } = await exportRun(await filled(), 'run-1');

/** The archive taken apart, changed and put together again, hashes made to fit. */
export async function forged(
	change: (parts: Record<string, unknown>) => unknown,
	extra: Zippable = {},
) {
	const entries = unzipSync(archive);
	const text = (name: string) => new TextDecoder().decode(entries[name]);
	const parts = {
		manifest: JSON.parse(text('manifest.json')) as unknown,
		rows: text('experiences.jsonl'),
	};
	const after = { ...parts, ...(change(parts) as object) };
	const lines = strToU8(after.rows);
	const manifest = after.manifest;
	if (typeof manifest === 'object' && manifest !== null && after.rows !== parts.rows)
		Object.assign(manifest, {
			experiences: {
				rows: after.rows.split('\n').length - 1,
				bytes: lines.length,
				sha256: await sha256(lines),
			},
		});
	return zipSync({
		...entries,
		'experiences.jsonl': lines,
		'manifest.json': strToU8(JSON.stringify(manifest)),
		...extra,
	});
}
