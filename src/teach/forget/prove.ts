/** @file Before and after forgetting, side by side: the same examination, and the same audit of what was left out. */
import { SessionFailure } from '#base/failure.ts';
import { withAuditModel } from '#chat/audit/open-audit.ts';
import { isSaidTo } from '#chat/audit/oracle.ts';
import { memorisedRows, type AuditReport } from '#chat/audit/report.ts';
import { auditTexts } from '#chat/audit/texts.ts';
import { lineageFile, readLineage, type Lineage } from '#chat/lineage.ts';
import type { OpenModel } from '#platform/platform.ts';
import {
	auditRows,
	entriesOf,
	readReport,
	rowsOf,
	trainedEntries,
	type AuditWish,
} from '../audit/audit-lesson.ts';
import { examined } from '../examine-lesson.ts';
import type { ProjectLesson } from '../project.ts';
import { lineageOf } from '../run-lesson.ts';
import type { Teacher } from '../teacher.ts';
import type { ProjectView, RowEntry } from '../types.ts';

type Proof = NonNullable<ProjectLesson['proof']>;
type Sides = { readonly old: ProjectLesson & Trained; readonly lesson: ProjectLesson & Trained };
interface Trained {
	readonly adapter: string;
}

/** Examines and audits both adapters; what is there already is not done again. Stopped, it keeps what it has. */
export async function proveForget(teacher: Teacher, wish: AuditWish): Promise<ProjectView> {
	const sides = sidesOf(teacher);
	const { lesson } = sides;
	return teacher.work('audit', lesson.model, async (model, signal) => {
		const before = lesson.proof?.before ?? (await examineBoth(teacher, model, sides, signal));
		const texts = await comparedTexts(teacher, model, sides, wish, signal);
		const after = teacher.project().lesson ?? lesson;
		return teacher.setLesson({ ...after, proof: { before, texts: [...texts] } });
	});
}

/** Rows held back may be among those left out: both are asked the same items. */
async function examineBoth(
	teacher: Teacher,
	model: OpenModel,
	{ old, lesson }: Sides,
	signal: AbortSignal,
): Promise<Proof['before']> {
	const found = await examined(teacher, model, { lesson, id: lesson.adapter }, signal);
	const first = await examined(teacher, model, { lesson: old, id: old.adapter }, signal);
	const { examination: before } = first;
	await teacher.setLesson({ ...lesson, ...found, proof: { before, texts: [] } });
	return before;
}

function sidesOf(teacher: Teacher): Sides {
	const { lesson, before: old } = teacher.project();
	if (lesson?.adapter === undefined || !lesson.forgets || old?.adapter === undefined)
		throw new SessionFailure(
			'bad-request',
			'There are no two adapters to compare; forget something first.',
		);
	return {
		lesson: { ...lesson, adapter: lesson.adapter },
		old: { ...old, adapter: old.adapter },
	};
}

async function comparedTexts(
	teacher: Teacher,
	model: OpenModel,
	{ old, lesson }: Sides,
	wish: AuditWish,
	signal: AbortSignal,
): Promise<Proof['texts']> {
	const { adapters } = teacher.parts;
	const [before, now] = [
		await lineageOf(adapters, old.adapter),
		await lineageOf(adapters, lesson.adapter),
	];
	const gone = new Set(before.dropped);
	const dropped = now.dropped.filter((id) => !gone.has(id) && before.rows.includes(id));
	const wanted = dropped.slice(0, Math.max(1, wish.most));
	const done = await readReport(teacher, old.adapter);
	const { audited = [] } = old;
	const isKnown = done && !wasStopped(done) && wanted.every((id) => audited.includes(id));
	const ids = isKnown ? audited : [...new Set([...wanted, ...audited])];
	const asked = isKnown ? { ...wish, all: done.searched === 'all', budget: done.budget } : wish;
	const audit = (id: string, also: readonly number[] = []): Promise<AuditReport> =>
		auditRows(teacher, lesson.model, { id, ids, wish: asked, also }, signal);
	const first = isKnown ? done : await audit(old.adapter);
	const project = teacher.project();
	await teacher.keep({
		...project,
		before: { ...old, audited: [...ids] },
		lesson: { ...(project.lesson ?? lesson), audited: [...ids] },
	});
	// What came out before is searched for again, even if the screen does not suspect it any more.
	const given = memorisedRows(first).filter((row) => wanted.includes(ids[row - 1] ?? ''));
	const second = await audit(lesson.adapter, given);
	const retried = await retriedPrompts(teacher, model, lesson, { ids, first }, signal);
	return wanted.flatMap((row) => {
		const at = ids.indexOf(row) + 1;
		const kindIn = ({ texts }: AuditReport) => texts.find((text) => text.row === at)?.outcome.kind;
		const [one, two] = [kindIn(first), kindIn(second)];
		return one && two ? [{ row, before: one, after: two, retried: retried.get(at) ?? null }] : [];
	});
}

const wasStopped = ({ texts }: AuditReport): boolean =>
	texts.some(({ outcome }) => outcome.kind === 'unjudged' && outcome.reason === 'stopped');

/** By row of the report: is its text said to the prompt that the old adapter said it to? */
async function retriedPrompts(
	teacher: Teacher,
	model: OpenModel,
	{ adapter: id, ...lesson }: ProjectLesson & Trained,
	{ ids, first }: { readonly ids: readonly string[]; readonly first: AuditReport },
	signal: AbortSignal,
): Promise<ReadonlyMap<number, boolean>> {
	const texts = auditTexts(model, rowsOf(teacher, ids), first.budget.maxTokens);
	const found = first.texts.flatMap(({ row, outcome }, i) => {
		const text = texts[i];
		return text && outcome.kind === 'memorised' ? [{ row, text, prompt: outcome.prompt }] : [];
	});
	if (found.length === 0 || signal.aborted) return new Map();
	const choice = { kind: 'tuned', id } as const;
	const adapter = await teacher.parts.adapters.load(choice, lesson.model, model.spec);
	return withAuditModel(model, adapter, signal, async (ready) => {
		const said = new Map<number, boolean>();
		for (const { row, text, prompt } of found)
			said.set(row, (said.get(row) ?? false) || (await isSaidTo(model, ready, text, prompt)));
		return said;
	});
}

/** An adapter of the lineage, with what is known of it. */
export interface LineageEntry {
	readonly adapter: string;
	readonly data: string;
	readonly rows: number;
	/** Hashes of the rows left out on request. */
	readonly dropped: readonly string[];
	readonly from: number;
}

export interface TrainedList {
	readonly total: number;
	readonly rows: readonly RowEntry[];
	/** Rows by their file, in the order of the files. */
	readonly files: readonly (readonly [name: string, rows: number])[];
}

/** Rows that the adapter was trained on. */
export async function trainedRows(
	teacher: Teacher,
	{ offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<TrainedList> {
	const all = await trainedEntries(teacher);
	const counts = new Map<string, number>();
	for (const { file } of all) counts.set(file, (counts.get(file) ?? 0) + 1);
	return { total: all.length, rows: all.slice(offset, offset + limit), files: [...counts] };
}

export interface Forgetting {
	/** The oldest adapter first. */
	readonly lineage: readonly LineageEntry[];
	/** Of the texts compared; null for one that is not here any more. */
	readonly rows: readonly (RowEntry | null)[];
}

/** What was forgotten so far. */
export async function readForgetting(teacher: Teacher): Promise<Forgetting> {
	const { adapter } = teacher.project().lesson ?? {};
	const found =
		adapter === undefined
			? undefined
			: readLineage(await teacher.parts.adapters.note(adapter, lineageFile));
	if (adapter === undefined || !found) return { lineage: [], rows: [] };
	const { proof } = teacher.project().lesson ?? {};
	return {
		lineage: [...found.ancestors.map((one) => ({ ...one, from: 0 })), entryOf(adapter, found)],
		rows: entriesOf(teacher, proof?.texts.map(({ row }) => row) ?? []),
	};
}

const entryOf = (adapter: string, { data, rows, dropped, from }: Lineage): LineageEntry => ({
	...{ adapter, data, dropped, from },
	rows: rows.length - dropped.filter((id) => rows.includes(id)).length,
});
