/** @file Rows that `tune` learns from, out of a person's files, with what is to be said of them. */
import { importFiles } from '#dataset/import.ts';
import { problemWords, type FileChoice } from '#dataset/imported.ts';
import { pairJudged } from '#dataset/refine/judged.ts';
import { splitRows } from '#dataset/refine/split.ts';
import type { DataRow } from '#dataset/row.ts';
import { learntRow } from '#dataset/view.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import { openDataFiles } from './data-files.ts';
import { UsageError } from './terminal.ts';

export interface TuneRows {
	readonly training: readonly TrainingRow[];
	readonly validation: readonly TrainingRow[];
	/** Of the rows trained on, in their order. */
	readonly ids: readonly string[];
	/** As they were read, whatever becomes of them. */
	readonly read: readonly DataRow[];
	/** Sentences for the person. */
	readonly notes: readonly string[];
}

/** Problems that are told one by one. */
const few = 20;

/** Reads the files and splits the rows; throws a UsageError if there is nothing to learn from. */
export async function readRows(
	paths: readonly string[],
	choice: FileChoice,
	share: number,
): Promise<TuneRows> {
	const { rows, problems, problemCount } = await importFiles(await openDataFiles(paths, '--data'), {
		choice,
	});
	const notes = problems.slice(0, few).map((problem) => `${problemWords(problem)}.`);
	if (problemCount > few) notes.push(`… and ${problemCount - few} more rows.`);
	if (rows.length === 0) throw new UsageError(notes[0] ?? 'The data holds no row.');
	const sides = splitRows(
		rows.map(({ source }, group) => ({ source, group })),
		share,
	);
	const prepared = pairJudged(
		rows.map((row, i) => ({ row, id: row.id, side: sides[i] ?? 'training', personal: [] })),
	).filter(({ left }) => left === undefined);
	const learnt = prepared.map(({ row, side }) => ({
		side,
		id: row.id,
		row: learntRow(row.lesson),
	}));
	const unpaired = learnt.filter(({ row }) => !row).length;
	if (unpaired > 0)
		notes.push(
			`${unpaired === 1 ? 'An answer marked as bad stands' : `${unpaired} answers marked as bad stand`} beside no good one to the same prompt; nothing is learnt of ${unpaired === 1 ? 'it' : 'them'}.`,
		);
	const on = (wanted: string) =>
		learnt.flatMap(({ side, id, row }) => (side === wanted && row ? [{ id, row }] : []));
	const [training, validation] = [on('training'), on('validation')];
	if (training.length === 0) throw new UsageError(notes[0] ?? 'The data holds no row.');
	return {
		training: training.map(({ row }) => row),
		validation: validation.map(({ row }) => row),
		ids: training.map(({ id }) => id),
		...{ read: rows, notes },
	};
}
