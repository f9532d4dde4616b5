/** @file Store in memory: for tests, and for the terminal without `--out`. */
import { conflict, missingFile, noSuchExperience, noSuchRun, rowsOf } from '../files/errors.ts';
import { inOrder, soundRuns } from './entry.ts';
import { toJson } from './json.ts';
import { OrderedRows } from './ordered.ts';
import { checkFileName, filesNamedBy } from './references.ts';
import type { Files, RunRecord, Store, StoredRow } from './store.ts';
import { StoreError } from './store.ts';

interface Stored {
	readonly run: RunRecord;
	readonly rows: OrderedRows<StoredRow>;
}

/** Copies go in and out, so that nobody can change what is stored. */
export function openMemoryStore(): Store {
	const stored = new Map<string, Stored>();
	const bytes = new Map<string, Uint8Array>();
	let open = true;

	const check = (): void => {
		if (!open) throw new StoreError('not-available', 'The store is closed: open it again.');
	};
	const find = (id: string): Stored => {
		check();
		const found = stored.get(id);
		if (found === undefined) throw noSuchRun(id);
		return found;
	};
	const collect = (candidates: readonly string[]): void => {
		const used = new Set([...stored.values()].flatMap(({ run }) => filesNamedBy(run)));
		for (const name of candidates) if (!used.has(name)) bytes.delete(name);
	};

	const sound = () =>
		Array.from(stored.values(), ({ run }) => ({
			kind: 'sound' as const,
			run: structuredClone(run),
		}));

	const files: Files = {
		async write(name, content) {
			check();
			bytes.set(checkFileName(name), new Uint8Array(content));
		},
		async read(name) {
			check();
			return bytes.get(checkFileName(name))?.slice();
		},
		async delete(name) {
			check();
			bytes.delete(checkFileName(name));
		},
		async list(prefix = '') {
			check();
			return [...bytes.keys()].filter((name) => name.startsWith(prefix)).sort();
		},
	};

	return {
		files,
		async entries() {
			check();
			return inOrder(sound());
		},
		async runs() {
			check();
			return soundRuns(inOrder(sound()));
		},
		async run(id) {
			check();
			return structuredClone(stored.get(id)?.run);
		},
		async commit(commit) {
			check();
			const { run } = commit;
			const before = stored.get(run.id);
			const version = before?.run.version;
			if (run.version !== (version ?? 0) + 1) throw conflict(run.id, version, run.version);
			const named = filesNamedBy(run);
			const missing = named.find((name) => !bytes.has(name));
			if (missing !== undefined) throw missingFile(run.id, missing);
			// cloned first: what cannot be cloned throws before anything is stored
			const after = structuredClone({ ...run, name: before?.run.name ?? run.name });
			const rows = before?.rows ?? new OrderedRows<StoredRow>();
			for (const row of structuredClone(rowsOf(commit)))
				rows.put(rows.get(row.id)?.rejected === true ? { ...row, rejected: true } : row);
			stored.set(run.id, { run: after, rows });
			if (before !== undefined) collect(filesNamedBy(before.run));
		},
		async rename(id, name) {
			const { run, rows } = find(id);
			stored.set(id, { run: { ...run, name }, rows });
		},
		async delete(id) {
			check();
			const found = stored.get(id);
			stored.delete(id);
			if (found !== undefined) collect(filesNamedBy(found.run));
		},
		async asStored(id) {
			check();
			const run = stored.get(id)?.run;
			const bytes = new TextEncoder().encode(toJson(run ?? null));
			return new Map(run === undefined ? [] : [['run.json', bytes]]);
		},
		async experiences(runId, page) {
			check();
			return structuredClone(stored.get(runId)?.rows.page(page) ?? []);
		},
		async countExperiences(runId) {
			check();
			return stored.get(runId)?.rows.size ?? 0;
		},
		async reject(runId, id, rejected) {
			const { rows } = find(runId);
			const row = rows.get(id);
			if (row === undefined) throw noSuchExperience(runId, id);
			rows.put({ ...row, rejected });
		},
		async trash() {
			check();
			return { files: 0, bytes: 0 };
		},
		async emptyTrash() {
			check();
		},
		async space() {
			check();
			return undefined;
		},
		async close() {
			open = false;
		},
	};
}
