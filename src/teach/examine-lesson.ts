/** @file Examination of one adapter of the project, with its verdict on the adapter itself. */
import type { AdapterStore } from '#chat/adapters.ts';
import type { Adapter } from '#model/adapter.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { TeachData } from './data.ts';
import { examineAdapter } from './examine.ts';
import type { ProjectLesson } from './project.ts';
import { examinedRows } from './samples.ts';
import type { TeachEvent } from './types.ts';
import { verdictOf } from './verdict.ts';

interface Project {
	readonly data: TeachData;
	readonly parts: {
		readonly adapters: AdapterStore;
		readonly emit: (event: TeachEvent) => void;
		readonly instructions: number;
	};
}

/** Examined on the rows of now; the verdict is kept with the adapter. */
export async function examined(
	{ parts, data }: Project,
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
