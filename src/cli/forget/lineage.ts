/** @file Lineage beside an adapter in a folder: what `tune` writes and `forget` reads. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataHashOf, lineageFile, readLineage, writeLineage, type Lineage } from '#chat/lineage.ts';
import type { TrainingSettings } from '#chat/train-rows.ts';
import type { OpenModel } from '#platform/platform.ts';
import { samplesWithout } from '#teach/forget/without.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { UsageError } from '../terminal.ts';
import type { TuneRows } from '../tune-rows.ts';

/** Of a first training on all rows. */
export async function lineageOf(
	model: Pick<OpenModel, 'spec' | 'tokenizer' | 'chat'>,
	{ ids, training }: Pick<TuneRows, 'ids' | 'training'>,
	settings: TrainingSettings,
	maxTokens: number,
): Promise<Lineage> {
	const { rows } = samplesWithout(model, rowsById(ids, training), {
		rows: ids,
		dropped: [],
		maxTokens,
	});
	const data = await dataHashOf(rows);
	return { version: 1, data, rows, dropped: [], settings, maxTokens, from: 0, ancestors: [] };
}

/** Rows of a data set by their ids. */
export function rowsById(ids: readonly string[], rows: readonly TrainingRow[]) {
	const known = new Map(ids.flatMap((id, i) => (rows[i] ? [[id, rows[i]] as const] : [])));
	return { learntOf: (wanted: readonly string[]) => wanted.map((id) => known.get(id)) };
}

export const writeFolderLineage = (folder: string, lineage: Lineage): Promise<void> =>
	writeFile(join(folder, lineageFile), writeLineage(lineage));

/** Throws a UsageError if there is none. */
export async function readFolderLineage(folder: string): Promise<Lineage> {
	const bytes = await readFile(join(folder, lineageFile)).catch(() => undefined);
	const found = readLineage(bytes);
	if (found) return found;
	throw new UsageError(
		`--adapter must name a folder written by \`tune\` or \`forget\`, with its ${lineageFile}; "${folder}" has none that can be read.`,
	);
}
