/** @file Audit of the project's adapter over the rows that it was trained on: which rows, what it costs, and what was found. */
import { SessionFailure } from '#base/failure.ts';
import { defaultsOf } from '#base/knobs.ts';
import { openAuditApi } from '#chat/audit/audit-api.ts';
import { measureAudit, type AuditCost } from '#chat/audit/cost.ts';
import { auditKnobs, type AuditBudget } from '#chat/audit/knobs.ts';
import { withAuditModel } from '#chat/audit/open-audit.ts';
import { auditFile, readAuditReport, type AuditReport } from '#chat/audit/report.ts';
import { auditTexts } from '#chat/audit/texts.ts';
import { dataHashOf, lineageFile, readLineage, trainedIds } from '#chat/lineage.ts';
import type { TrainingRow } from '#training/data/training-row.ts';
import type { ProjectLesson } from '../project.ts';
import type { Teacher } from '../teacher.ts';
import type { ProjectView, RowEntry } from '../types.ts';

export interface AuditWish {
	/** Rows at most: those with personal data first, the others drawn by their hash. */
	readonly most: number;
	/** Search for every text, whatever the screen says. */
	readonly all: boolean;
	readonly budget?: Partial<AuditBudget>;
}

/** The last audit of the project's adapter. */
export interface LessonAudit {
	readonly report: AuditReport;
	/** Rows in the order of the report; null for one that is not here any more. */
	readonly rows: readonly (RowEntry | null)[];
}

/** Name of the audit under way in its events. */
export const lessonAuditId = 'teach';

/** Audits the adapter, and keeps the report beside it; resolves with what there is if it is stopped, and goes on from there. */
export async function auditLesson(teacher: Teacher, wish: AuditWish): Promise<ProjectView> {
	const { lesson, id } = trained(teacher);
	const ids = await chosenRows(teacher, wish.most);
	return teacher.work('audit', lesson.model, async (_, signal) => {
		// Noted first: an audit that a closed tab cut off is gone on with.
		const view = await teacher.setLesson({ ...lesson, audited: [...ids] });
		await auditRows(teacher, lesson.model, { id, ids, wish }, signal);
		return view;
	});
}

/** Audits some rows under one adapter. */
export function auditRows(
	teacher: Teacher,
	model: string,
	{
		id,
		ids,
		wish,
		also = [],
	}: {
		readonly id: string;
		readonly ids: readonly string[];
		readonly wish: AuditWish;
		/** Places of rows, from 1, that are searched for in any case. */
		readonly also?: readonly number[];
	},
	signal: AbortSignal,
): Promise<AuditReport> {
	const { models, adapters, emit } = teacher.parts;
	const api = openAuditApi({
		...{ models, adapters, emit, now: () => performance.now() },
		stoppable: (_, work) => work(signal),
		stop: () => undefined, // by the work of the project
	});
	const { all, budget } = wish;
	return api.auditAdapter({
		...{ id: lessonAuditId, model, adapter: { kind: 'tuned', id }, all, also },
		rows: rowsOf(teacher, ids),
		...(budget && { budget }),
	});
}

/** Time that an audit takes, measured here. */
export async function auditCost(teacher: Teacher, wish: AuditWish): Promise<AuditCost> {
	const { lesson, id } = trained(teacher);
	const ids = await chosenRows(teacher, wish.most);
	return teacher.work('measuring', lesson.model, async (opened, signal) => {
		const budget = { ...defaultsOf(auditKnobs), ...wish.budget };
		const texts = auditTexts(opened, rowsOf(teacher, ids), budget.maxTokens);
		if (texts.length === 0)
			throw new SessionFailure('bad-request', 'No row has an answer that could be looked for.');
		const choice = { kind: 'tuned', id } as const;
		const adapter = await teacher.parts.adapters.load(choice, lesson.model, opened.spec);
		const request = { model: lesson.model, texts, budget };
		return withAuditModel(opened, adapter, signal, (ready) =>
			measureAudit(opened, ready, request, () => performance.now()),
		);
	});
}

/** Null before the first audit. */
export async function readLessonAudit(teacher: Teacher): Promise<LessonAudit | null> {
	const { adapter, audited = [] } = teacher.project().lesson ?? {};
	if (adapter === undefined) return null;
	const report = await readReport(teacher, adapter);
	return report ? { report, rows: entriesOf(teacher, audited) } : null;
}

export async function readReport(teacher: Teacher, id: string): Promise<AuditReport | undefined> {
	const bytes = await teacher.parts.adapters.note(id, auditFile);
	return bytes && readAuditReport(new TextDecoder().decode(bytes));
}

export function entriesOf({ data }: Teacher, ids: readonly string[]): readonly (RowEntry | null)[] {
	const known = new Map(data.entries(ids).map((entry) => [entry.learnt, entry]));
	return ids.map((id) => known.get(id) ?? null);
}

export function trained(teacher: Teacher): { readonly lesson: ProjectLesson; readonly id: string } {
	const { lesson } = teacher.project();
	if (lesson?.adapter !== undefined) return { lesson, id: lesson.adapter };
	throw new SessionFailure('bad-request', 'There is nothing to audit yet; train first.');
}

/** Rows that an adapter was trained on, each once. Refuses if they are not known, or not here any more. */
export async function trainedEntries(teacher: Teacher): Promise<readonly RowEntry[]> {
	const { lesson, id } = trained(teacher);
	const { parts, data } = teacher;
	const lineage = readLineage(await parts.adapters.note(id, lineageFile));
	const ids = [...new Set(lineage ? trainedIds(lineage) : data.learnt().ids)];
	const here = data.entries(ids);
	const isSame = lineage !== undefined || (await dataHashOf(data.learnt().ids)) === lesson.data;
	if (!isSame || here.length < ids.length)
		throw new SessionFailure(
			'bad-request',
			'The rows are others than those that this adapter was trained on; give the files as they were, or train again.',
		);
	return here;
}

/** Ids of the rows to audit, as they are learnt. */
async function chosenRows(teacher: Teacher, most: number): Promise<readonly string[]> {
	const open = (entry: RowEntry): number => Number(entry.personal.length === 0);
	return [...(await trainedEntries(teacher))]
		.sort((a, b) => open(a) - open(b) || (a.learnt < b.learnt ? -1 : 1))
		.slice(0, Math.max(1, most))
		.map(({ learnt }) => learnt);
}

export function rowsOf({ data }: Teacher, ids: readonly string[]): readonly TrainingRow[] {
	return data.learntOf(ids).flatMap((row) => row ?? []);
}
