/** @file Runs in IndexedDB: records checked one by one, curves in sealed pieces, and rows whose run is missing. */
import { Dexie } from 'dexie';
import { matches, object, text } from '#base/schema.ts';
import { damagedRun } from '../../files/errors.ts';
import { joinPieces, pieceAfter, readPiece, type CurvePiece } from '../curve.ts';
import { checkRecord, entryOf, inOrder } from '../entry.ts';
import { toJson } from '../json.ts';
import { filesNamedBy } from '../references.ts';
import { sealOfText } from '../seal.ts';
import type { RunRecord, StoredEntry } from '../record.ts';
import { allRowsOf } from './rows.ts';
import type { StoredPiece, StoredRun, Tables } from './tables.ts';

const keyed = object({ id: text });

/** The record with its curve; throws `corrupt` if it is damaged. */
export async function wholeRun(tables: Tables, stored: StoredRun): Promise<RunRecord> {
	const run = checkRecord(stored.id, stored.run);
	const { points = 0 } = stored;
	if (!(points > 0)) return run;
	const pieces = await piecesOf(tables, stored.id).toArray();
	return { ...run, curve: joinPieces(pieces.flatMap(openPiece), points) };
}

const piecesOf = ({ curves }: Tables, runId: string) =>
	curves.where('[runId+from]').between([runId, Dexie.minKey], [runId, Dexie.maxKey]);

const sealOfPiece = ({ from, points }: CurvePiece): string => sealOfText(toJson({ from, points }));

function openPiece(stored: StoredPiece): readonly CurvePiece[] {
	const piece = readPiece(stored);
	return piece !== undefined && sealOfPiece(piece) === stored.seal ? [piece] : [];
}

/** Puts the points that are not stored yet into the table; within a transaction. Returns how many there are then. */
export async function extendCurve(
	tables: Tables,
	stored: StoredRun | undefined,
	{ id, curve }: RunRecord,
): Promise<number> {
	const piece = pieceAfter(stored?.points ?? 0, curve);
	if (piece === undefined && curve.length > 0) return curve.length;
	if (piece === undefined || piece.from === 0) await piecesOf(tables, id).delete();
	if (piece !== undefined)
		await tables.curves.put({ runId: id, ...piece, seal: sealOfPiece(piece) });
	return curve.length;
}

/** Every run, sound or damaged, and every one of which only rows are left. */
export async function readEntries(
	tables: Tables,
	recordOf: (stored: StoredRun) => RunRecord | Promise<RunRecord> = (stored) =>
		wholeRun(tables, stored),
): Promise<readonly StoredEntry[]> {
	const stored = await tables.runs.toArray();
	const entries = await Promise.all(stored.map((run) => entryOf(run.id, () => recordOf(run))));
	const known = new Set(stored.filter((run) => matches<unknown>(keyed, run)).map(({ id }) => id));
	for (const id of await runsWithRows(tables))
		if (!known.has(id))
			entries.push(
				await entryOf(id, () => {
					throw damagedRun(id, 'only its experiences are left');
				}),
			);
	return inOrder(entries);
}

/** Ids of the runs that have rows: one look at the index for each. */
async function runsWithRows({ experiences }: Tables): Promise<readonly string[]> {
	const ids: string[] = [];
	for (let after: unknown = Dexie.minKey; ;) {
		const [next] = await experiences
			.where('[runId+id]')
			.above([after, Dexie.maxKey])
			.limit(1)
			.primaryKeys();
		if (next === undefined) return ids;
		[after] = next;
		ids.push(String(after));
	}
}

/** Files that runs name; undefined if the record of any run cannot be read. */
export async function filesInUse(tables: Tables): Promise<ReadonlySet<string> | undefined> {
	const used = new Set<string>();
	for (const entry of await readEntries(tables, ({ id, run }) => checkRecord(id, run))) {
		if (entry.kind === 'damaged') return undefined;
		for (const name of filesNamedBy(entry.run)) used.add(name);
	}
	return used;
}

/** Deletes a run with its rows and its curve; within a transaction. */
export async function deleteRun(tables: Tables, id: string): Promise<void> {
	await tables.runs.delete(id);
	await piecesOf(tables, id).delete();
	await allRowsOf(tables.experiences, id).delete();
}

/** Stored entries of a run, as JSON under the names that a folder has. */
export async function asStored(
	tables: Tables,
	id: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
	const lines = (values: readonly unknown[]): string =>
		values.map((value) => `${JSON.stringify(value)}\n`).join('');
	const run = await tables.runs.get(id);
	const parts = {
		'run.json': run === undefined ? '' : lines([run]),
		'experiences.jsonl': lines(await allRowsOf(tables.experiences, id).toArray()),
		'curve.jsonl': lines(await piecesOf(tables, id).toArray()),
	};
	const encoder = new TextEncoder();
	return new Map(
		Object.entries(parts).flatMap(([name, content]): [string, Uint8Array][] =>
			content === '' ? [] : [[name, encoder.encode(content)]],
		),
	);
}
