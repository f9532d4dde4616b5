/** @file Rows of a lineage without some: which go together, and what is left of the batches. */
import { SessionFailure } from '#base/failure.ts';
import { writeLesson } from '#chat/lesson.ts';
import type { Lineage } from '#chat/lineage.ts';
import type { TrainedOn } from '#chat/train-rows.ts';
import type { DataRow } from '#dataset/row.ts';
import type { PreparedRow } from '#dataset/refine/prepared.ts';
import type { OpenModel } from '#platform/platform.ts';
import { stepsWithout } from '#training/data/epochs.ts';
import type { TrainingRow } from '#training/data/training-row.ts';

/** Rows by their ids, read or learnt, or in these files, and all that are nearly as one of them. */
export function alikeRows(
	rows: readonly PreparedRow[],
	ids: readonly string[],
	files: readonly string[],
): readonly PreparedRow[] {
	const [wanted, whole] = [new Set(ids), new Set(files)];
	// All that a rule asks of a sentence says the same.
	const firstOf = new Map<string, number>();
	for (const [i, { row }] of rows.entries()) {
		const of = sentenceOf(row);
		if (of !== undefined && !firstOf.has(of)) firstOf.set(of, i);
	}
	const groupOf = (i: number): number => {
		const of = rows[i] && sentenceOf(rows[i].row);
		return (of === undefined ? undefined : firstOf.get(of)) ?? rows[i]?.like ?? i;
	};
	const chosen = rows.flatMap(({ row, id }, i) =>
		wanted.has(id) || wanted.has(row.id) || whole.has(row.file) ? [groupOf(i)] : [],
	);
	const groups = new Set(chosen);
	return rows.filter((_, i) => groups.has(groupOf(i)));
}

const sentenceOf = ({ written, source }: DataRow): string | undefined =>
	written?.by === 'rule' ? `${source}\n${written.passage}` : undefined;

/** Steps of a training without these rows, and the first that has one of them; from 0. */
export function batchesWithout(
	{ rows, settings: { batch, seed, steps } }: Pick<Lineage, 'rows' | 'settings'>,
	ids: ReadonlySet<string>,
): { readonly first: number; readonly left: number } {
	const without = new Set(rows.flatMap((one, i) => (ids.has(one) ? [i] : [])));
	return stepsWithout(rows.length, { rowsPerStep: batch, seed, steps, without });
}

/** Rows of a lineage as samples, with their ids, and which of them are left out. Refuses if one is not here any more. */
export function samplesWithout(
	model: Pick<OpenModel, 'spec' | 'tokenizer' | 'chat'>,
	data: { learntOf(ids: readonly string[]): readonly (TrainingRow | undefined)[] },
	{ rows, dropped, maxTokens }: Pick<Lineage, 'rows' | 'dropped' | 'maxTokens'>,
): Required<Pick<TrainedOn, 'training' | 'without'>> & { readonly rows: readonly string[] } {
	const out = new Set(dropped);
	const learnt = data.learntOf(rows);
	assertHere(learnt);
	const written = learnt.flatMap((row, i) => {
		const [sample] = row ? writeLesson(model, [row], maxTokens).samples : [];
		return sample ? [{ sample, id: rows[i] ?? '' }] : [];
	});
	return {
		rows: written.map(({ id }) => id),
		training: written.map(({ sample }) => sample),
		without: new Set(written.flatMap(({ id }, i) => (out.has(id) ? [i] : []))),
	};
}

/** Refuses if a row is not here any more. */
export function assertHere(rows: readonly (TrainingRow | undefined)[]): void {
	const missing = rows.filter((row) => row === undefined).length;
	if (missing > 0)
		throw new SessionFailure(
			'bad-request',
			`${missing} of the ${rows.length} rows of this adapter ${missing === 1 ? 'is' : 'are'} not here any more, or read otherwise; give the files again, as they were.`,
		);
}
