/** @file `run.json` of a store in a folder (Node) and its schema: the record of a run, and how many bytes of its rows count. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { count, matches, object } from '#base/schema.ts';
import { readIfThere } from './folder-lock.ts';
import { fromJson } from './json.ts';
import { storedRunSchema, type RunRecord } from './record.ts';
import { StoreError } from './store.ts';

export const headFile = 'run.json';

/** Replaced whole at each commit. */
export interface Head {
	readonly format: 1;
	/** Bytes of `experiences.jsonl` that count. */
	readonly rowBytes: number;
	readonly run: RunRecord;
}

/** A newer format is not ours to read. */
const headSchema = object({ format: v.literal(1), rowBytes: count, run: storedRunSchema });

const isHead = (value: unknown): value is Head => matches<unknown>(headSchema, value);

/** Undefined if there is none; fails with `corrupt` if it cannot be read. */
export async function readHead(path: string): Promise<Head | undefined> {
	const bytes = await readIfThere(path);
	if (bytes === undefined) return undefined;
	try {
		const head = fromJson(bytes.toString('utf8'));
		if (isHead(head)) return head;
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
	}
	throw new StoreError(
		'corrupt',
		`"${path}" is damaged: move its folder away, or import the run from an export.`,
	);
}

/** The sound heads of all runs in a folder, and whether those are all: a damaged one may name any file. */
export async function readHeads(
	runs: string,
): Promise<{ readonly sound: readonly Head[]; readonly areAll: boolean }> {
	const entries = await readdir(runs, { withFileTypes: true });
	const found = await Promise.all(
		entries
			.filter((entry) => entry.isDirectory())
			.map(({ name }) => readHead(join(runs, name, headFile)).catch(onlyDamaged)),
	);
	return {
		sound: found.filter((head) => head !== undefined && head !== 'damaged'),
		areAll: !found.includes('damaged'),
	};
}

function onlyDamaged(error: unknown): 'damaged' {
	if (error instanceof StoreError && error.code === 'corrupt') return 'damaged';
	throw error;
}
