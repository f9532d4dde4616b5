/**
 * @file A run as one zip file, and back: `manifest.json`, `experiences.jsonl` and `files/…`, each with its SHA-256.
 *
 * Reading takes every byte for hostile until it is checked; nothing is written before all of it is sound.
 */
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { fromJson, toJson } from '../runs/json.ts';
import { filesNamedBy } from '../runs/references.ts';
import { sha256, startSha256 } from '../files/sha256.ts';
import type { RunRecord, Store, StoredRow } from '../runs/store.ts';
import {
	corrupt,
	format,
	readArchivedRow,
	readManifest,
	version,
	type Content,
	type Manifest,
} from './manifest.ts';
import { readZip, ZipError, type ZipEntry, type ZipLimits } from './zip.ts';
import { conflict, noSuchRun } from '../files/errors.ts';

const manifestName = 'manifest.json';
const rowsName = 'experiences.jsonl';
const folder = 'files/';
const pageRows = 1000;
/** Far above any run that a tab can train; far below what would stop a tab. */
const defaultLimits: ZipLimits = { entries: 10_000, bytes: 2 ** 30, ratio: 250 };
/** The same run gives the same archive: zip's first day instead of now. */
const mtime = new Date(1980, 0, 1);

/** All that an archive holds, checked. */
export interface Archive {
	readonly run: RunRecord;
	readonly rows: readonly StoredRow[];
	readonly files: ReadonlyMap<string, Uint8Array>;
}

/** An archive, and how many rows are not in it because they cannot be read: it vouches for those it holds. */
export interface PackedRun {
	readonly bytes: Uint8Array<ArrayBuffer>;
	readonly damagedRows: number;
}

/** Packs a run; begins again if a commit came in between. */
export async function exportRun(
	store: Store,
	runId: string,
	signal?: AbortSignal,
): Promise<PackedRun> {
	for (let tries = 0; ; tries++) {
		const run = await store.run(runId);
		if (run === undefined) throw noSuchRun(runId);
		const packed = await pack(store, run, signal);
		const now = (await store.run(runId))?.version;
		if (packed !== undefined && now === run.version) return packed;
		if (tries === 2) throw conflict(runId, now, run.version + 1);
	}
}

/** Undefined if a file is gone, because a commit dropped it meanwhile. */
async function pack(
	store: Store,
	run: RunRecord,
	signal: AbortSignal | undefined,
): Promise<PackedRun | undefined> {
	const chunks: Uint8Array[] = [];
	const zip = new Zip((error, chunk) => {
		if (error !== null) throw error;
		chunks.push(chunk);
	});
	const encoder = new TextEncoder();

	const packed = Object.assign(new ZipDeflate(rowsName, { level: 6 }), { mtime });
	zip.add(packed);
	const hash = startSha256();
	const rows = { rows: 0, bytes: 0 };
	let damagedRows = 0;
	for (let offset = 0; ; offset += pageRows) {
		signal?.throwIfAborted();
		const page = await store.experiences(run.id, { offset, limit: pageRows });
		const sound = page.filter(({ damaged }) => damaged === undefined);
		damagedRows += page.length - sound.length;
		const lines = encoder.encode(sound.map((row) => toJson(row) + '\n').join(''));
		hash.update(lines);
		packed.push(lines, page.length < pageRows);
		rows.rows += sound.length;
		rows.bytes += lines.length;
		if (page.length < pageRows) break;
	}

	const files: Manifest['files'][number][] = [];
	for (const name of filesNamedBy(run)) {
		signal?.throwIfAborted();
		const bytes = await store.files.read(name);
		if (bytes === undefined) return undefined;
		// weights do not get smaller
		const stored = Object.assign(new ZipPassThrough(folder + name), { mtime });
		zip.add(stored);
		files.push({ name, bytes: bytes.length, sha256: await sha256(bytes) });
		stored.push(bytes, true);
	}

	const experiences = { ...rows, sha256: hash.finish() };
	const manifest = Object.assign(new ZipDeflate(manifestName, { level: 6 }), { mtime });
	zip.add(manifest);
	manifest.push(encoder.encode(toJson({ format, version, run, experiences, files })), true);
	zip.end();
	return { bytes: join(chunks), damagedRows };
}

function join(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
	let at = 0;
	for (const chunk of chunks) {
		whole.set(chunk, at);
		at += chunk.length;
	}
	return whole;
}

/** Checks an archive in full; `corrupt` with one sentence if anything is amiss. */
export async function readArchive(bytes: Uint8Array, limits = defaultLimits): Promise<Archive> {
	try {
		const entries = readZip(bytes, limits);
		const manifest = readManifest(parse(take(entries, manifestName), 'manifest'));
		const expected = new Set([
			manifestName,
			rowsName,
			...manifest.files.map(({ name }) => folder + name),
		]);
		for (const name of entries.keys())
			if (!expected.has(name)) throw corrupt(`"${name.slice(0, 80)}" does not belong to it`);
		const rows = readRows(
			await checked(entries, rowsName, manifest.experiences),
			manifest.run.id,
			manifest.experiences.rows,
		);
		const files = new Map<string, Uint8Array>();
		for (const file of manifest.files)
			files.set(file.name, await checked(entries, folder + file.name, file));
		return { run: manifest.run, rows, files };
	} catch (error) {
		throw error instanceof ZipError ? corrupt(error.message, error) : error;
	}
}

/** Stores a run that was read under a new id, paused if it was running, and returns its record. */
export async function importRun(
	store: Store,
	archive: Archive,
	options: { readonly id: string; readonly signal?: AbortSignal },
): Promise<RunRecord> {
	const { id, signal } = options;
	const written: string[] = [];
	try {
		for (const [name, content] of archive.files) {
			signal?.throwIfAborted();
			// never over a file of another run
			const there = await store.files.read(name);
			if (there === undefined) {
				written.push(name);
				await store.files.write(name, content);
			} else if ((await sha256(there)) !== (await sha256(content)))
				throw corrupt(`its file "${name}" is stored already, with other content`);
		}
		signal?.throwIfAborted();
		const { run } = archive;
		const status = run.status === 'running' ? 'paused' : run.status;
		const stored: RunRecord = { ...run, id, status, version: 1 };
		const experiences = archive.rows.map((row) => ({ ...row, runId: id }));
		await store.commit({ run: stored, experiences });
		return stored;
	} catch (error) {
		// what cannot be removed now is removed when a store opens
		for (const name of written) await store.files.delete(name).catch(() => undefined);
		throw error;
	}
}

function take(entries: ReadonlyMap<string, ZipEntry>, name: string): Uint8Array {
	const entry = entries.get(name);
	if (entry === undefined) throw corrupt(`"${name}" is missing`);
	return entry.bytes();
}

async function checked(
	entries: ReadonlyMap<string, ZipEntry>,
	name: string,
	content: Content,
): Promise<Uint8Array> {
	const bytes = take(entries, name);
	if (bytes.length !== content.bytes || (await sha256(bytes)) !== content.sha256)
		throw corrupt(`"${name}" is not what the manifest says`);
	return bytes;
}

function parse(bytes: Uint8Array, what: string): unknown {
	try {
		return fromJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch (error) {
		throw corrupt(`${what} is not JSON`, error);
	}
}

function readRows(bytes: Uint8Array, runId: string, expected: number): readonly StoredRow[] {
	const rows = new Map<string, StoredRow>();
	for (let from = 0; from < bytes.length;) {
		const what = `row ${rows.size + 1}`;
		const to = bytes.indexOf(0x0a, from);
		if (to === -1) throw corrupt(`${what} is cut short`);
		const row = readArchivedRow(parse(bytes.subarray(from, to), what), what);
		if (row.runId !== runId) throw corrupt(`${what} is of another run`);
		if (rows.has(row.id)) throw corrupt(`${what} is there twice`);
		rows.set(row.id, row);
		from = to + 1;
	}
	if (rows.size !== expected) throw corrupt(`it has ${rows.size} rows instead of ${expected}`);
	return [...rows.values()];
}
