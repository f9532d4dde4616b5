/** @file Examination of one adapter of the project, with its verdict on the adapter itself. */
import type { Adapter } from '#model/adapter.ts';
import type { OpenModel } from '#platform/platform.ts';
import { examineAdapter } from './examine.ts';
import type { ProjectLesson } from './project.ts';
import { examinedRows } from './samples.ts';
import type { Teacher } from './teacher.ts';
import { verdictOf } from './verdict.ts';

/** Examined on the rows of now; the verdict is kept with the adapter. */
export async function examined(
	{ parts, data }: Pick<Teacher, 'parts' | 'data'>,
	model: OpenModel,
	{ lesson, id }: { readonly lesson: ProjectLesson; readonly id: string },
	signal: AbortSignal,
): Promise<Required<Pick<ProjectLesson, 'examination' | 'verdict'>>> {
	const { adapters, emit, instructions } = parts;
	const adapter: Adapter = await adapters.load({ kind: 'tuned', id }, lesson.model, model.spec);
	const { rows, on } = examinedRows(model, data, lesson.maxTokens);
	const examination = await examineAdapter(model, adapter, rows, {
		...{ on, signal, seed: lesson.settings.seed, instructions },
		report: (what, done, total) => {
			emit({ type: 'teach-examined', what, done, total });
		},
	});
	const verdict = verdictOf(examination);
	const [about] = (await adapters.list(lesson.model)).filter((one) => one.id === id);
	if (about) await adapters.keep({ ...about, verdict: verdict.sentence }, adapter);
	return {
		examination: structuredClone(examination) as NonNullable<ProjectLesson['examination']>,
		verdict,
	};
}
