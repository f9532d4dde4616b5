/** @file Rows that `tune` learns from, out of a person's files, with what is to be said of them. */
import { importFiles } from '#dataset/import.ts';
import { problemWords, type FileChoice } from '#dataset/imported.ts';
import { splitRows } from '#dataset/refine/split.ts';
import type { DataRow } from '#dataset/row.ts';
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
	const known = rows.map(plainRow);
	const refused = known.flatMap((one, i) =>
		typeof one === 'string' && rows[i] ? [problemWords({ ...rows[i], message: one })] : [],
	);
	const all = [...problems.map(problemWords), ...refused];
	const notes = all.slice(0, few).map((note) => `${note}.`);
	const many = problemCount + refused.length;
	if (many > few) notes.push(`… and ${many - few} more rows.`);
	const usable = rows.flatMap((row, i) => {
		const one = known[i];
		return typeof one === 'object' ? [{ row: one, source: row.source, id: row.id }] : [];
	});
	if (usable.length === 0) throw new UsageError(notes[0] ?? 'The data holds no row.');
	const sides = splitRows(
		usable.map(({ source }, group) => ({ source, group })),
		share,
	);
	const on = (side: string) => usable.filter((_, i) => sides[i] === side);
	return {
		training: on('training').map(({ row }) => row),
		validation: on('validation').map(({ row }) => row),
		ids: on('training').map(({ id }) => id),
		...{ read: rows, notes },
	};
}

/** The row, or why it is none for supervised training. */
function plainRow({ lesson }: DataRow): TrainingRow | string {
	switch (lesson.kind) {
		case 'answer':
			return lesson.row;
		case 'preference':
			return 'is a preference (chosen and rejected), which tune does not learn from; keep the chosen answers only, as messages';
		case 'judged':
			return 'is a judged answer (label true or false, as for KTO), which tune does not learn from; keep the rows of label true without their label';
		default:
			return lesson satisfies never;
	}
}
