/** @file Runs out and in: the whole run as a zip, its adapter for PEFT, its kept rows for TRL. */
import { zipSync } from 'fflate';
import type { Environment } from '#environments/environment.ts';
import type { Adapter } from '#model/adapter.ts';
import { exportAdapter } from '#model/checkpoint/export.ts';
import { readSafetensors } from '#model/checkpoint/safetensors/safetensors.ts';
import {
	exportRun as packRun,
	importRun as unpackRun,
	readArchive,
} from '#storage/archive/archive.ts';
import type { RunRecord, Store, StoreError } from '#storage/runs/store.ts';
import { randomName } from '#base/random-name.ts';
import { loadAdapter } from '../stored/codec.ts';
import { SessionFailure } from '#base/failure.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { ExportedFile, ExportFormat } from '../session.ts';
import { assembleRun } from '../request.ts';
import { readRow } from '../stored/row.ts';
import { readSavedState } from '../stored/saved-state.ts';
import { trainingRows } from './training-rows.ts';

const pageSize = 2000;
/** Zip's first day, so that the same adapter gives the same bytes. */
const mtime = new Date(1980, 0, 1);

/** One run in one of the formats; `open` brings its base model if the format needs it. */
export async function exportRun(
	run: RunRecord,
	format: ExportFormat,
	store: Store,
	open: (model: string) => Promise<OpenModel>,
): Promise<ExportedFile> {
	switch (format) {
		case 'run':
			return exportWhole(run, store);
		case 'peft':
			return exportWeights(run, store, open);
		case 'jsonl': {
			const { environment } = assembleRun(run.recipe);
			const text = await trainingLines(run, store, environment);
			return { name: `${run.id}.jsonl`, bytes: new TextEncoder().encode(text) };
		}
		default:
			return format satisfies never;
	}
}

async function exportWhole(run: RunRecord, store: Store): Promise<ExportedFile> {
	const { bytes, damagedRows } = await packRun(store, run.id);
	const name = `${run.id}.evolvarium.zip`;
	if (damagedRows === 0) return { name, bytes };
	const rows = damagedRows === 1 ? '1 experience was' : `${damagedRows} experiences were`;
	return { name, bytes, note: `${rows} damaged and left out.` };
}

/** The files of a damaged run as they lie in the store; nobody can import them, but they can be mended by hand. */
export async function exportAsStored(
	runId: string,
	store: Store,
	damage: StoreError,
): Promise<ExportedFile> {
	const files = await store.asStored(runId);
	if (files.size === 0) throw damage;
	const bytes = zipSync(Object.fromEntries(files), { level: 6, mtime });
	const note = `These are its files as they are, to be mended by hand; they cannot be imported. ${damage.message}`;
	return { name: `${runId}.damaged.zip`, bytes, note, isDamaged: true };
}

/** Stores an exported run under a new id; everything in it is read before anything is written. */
export async function importRun(bytes: Uint8Array, store: Store): Promise<string> {
	const archive = await readArchive(bytes);
	assembleRun(archive.run.recipe);
	readSavedState(archive.run.state);
	for (const [name, content] of archive.files) readSafetensors(content, name);
	const rows = archive.rows.map((row) => {
		const read = readRow(row);
		if (read) return read;
		throw new SessionFailure(
			'bad-request',
			`Row ${row.id} of this file is no experience; export the run again and choose that file.`,
		);
	});
	return (await unpackRun(store, { ...archive, rows }, { id: randomName() })).id;
}

/** Adapter of a run; fails with `nothing-to-export` before its first update. */
export async function learntAdapter(run: RunRecord, store: Store): Promise<Adapter> {
	const adapter = await loadAdapter(readSavedState(run.state).policy, store.files);
	if (adapter) return adapter;
	throw new SessionFailure(
		'nothing-to-export',
		'This run has not been trained yet; let it finish its first update, then export.',
	);
}

async function exportWeights(
	run: RunRecord,
	store: Store,
	open: (model: string) => Promise<OpenModel>,
): Promise<ExportedFile> {
	const adapter = await learntAdapter(run, store);
	const model = await open(run.recipe.model);
	const files = new Map(exportAdapter(model.spec, adapter, { baseModel: run.recipe.model }));
	if (adapter.parameters.kind === 'full')
		for (const [name, content] of model.tokenizerFiles) files.set(name, content);
	const name = adapter.parameters.kind === 'full' ? 'model' : 'adapter';
	// Weights do not get smaller.
	return {
		name: `${run.id}-${name}.zip`,
		bytes: zipSync(Object.fromEntries(files), { level: 0, mtime }),
	};
}

async function trainingLines(
	run: RunRecord,
	store: Store,
	environment: Environment,
): Promise<string> {
	const lines: string[] = [];
	for (let offset = 0; ; offset += pageSize) {
		const page = await store.experiences(run.id, { offset, limit: pageSize });
		for (const row of page)
			if (row.fate === 'kept' && !row.rejected) {
				const read = readRow(row);
				for (const line of read ? trainingRows(read.payload, environment) : [])
					lines.push(JSON.stringify(line));
			}
		if (page.length < pageSize) break;
	}
	if (lines.length > 0) return `${lines.join('\n')}\n`;
	throw new SessionFailure(
		'nothing-to-export',
		'This run has kept nothing yet; let it finish its first round, then export.',
	);
}
