/**
 * @file Forgetting: the adapter is trained anew, from the same seed and by the same recipe, without some of its rows.
 *
 * The batches are those of the first training with the rows taken out of them, so that training from a snapshot that was
 * taken before the first of them came up gives the same weights, to the bit, as training from the start.
 */
import { SessionFailure } from '#base/failure.ts';
import { randomName } from '#base/random-name.ts';
import { dataHashOf, trainedIds } from '#chat/lineage.ts';
import type { PreparedRow } from '#dataset/refine/prepared.ts';
import { trained } from '../audit/audit-lesson.ts';
import type { ProjectLesson } from '../project.ts';
import { lineageOf } from '../run-lesson.ts';
import type { Teacher } from '../teacher.ts';
import type { ProjectView } from '../types.ts';
import { assertHere, batchesWithout } from './without.ts';

/** Rows by their ids, and whole files. */
export interface ForgetChoice {
	readonly rows: readonly string[];
	readonly files: readonly string[];
}

export interface ForgetPlan {
	/** Rows of the training that are left out, those that are like a chosen one included. */
	readonly rows: number;
	/** Rows held back that are left out with them. */
	readonly heldBack: number;
	/** Rows that it is trained on. */
	readonly kept: number;
	/** Steps of the new training, and the one from which it goes on; 0: from the start. */
	readonly steps: number;
	readonly from: number;
	/** By the pace of the first training; null if that is not known. */
	readonly seconds: number | null;
}

export const planForget = async (teacher: Teacher, choice: ForgetChoice): Promise<ForgetPlan> =>
	(await draft(teacher, choice)).plan;

/** Trains anew; the adapter before stays until it is deleted. It can be paused like other lessons. */
export async function forgetRows(teacher: Teacher, choice: ForgetChoice): Promise<ProjectView> {
	const { lesson } = trained(teacher);
	return teacher.work('training', lesson.model, async (model, signal) => {
		const { next, excluded } = await draft(teacher, choice);
		const project = teacher.project();
		const out = new Set([...project.preparation.excluded, ...excluded]);
		const preparation = await teacher.data.leaveOut(project, out);
		await teacher.keep({ ...project, preparation, lesson: next, before: lesson });
		return teacher.run(model, signal, next);
	});
}

/** Goes back to the adapter before; the new one stays among those of Chat. */
export async function undoForget(teacher: Teacher): Promise<ProjectView> {
	teacher.assertIdle();
	const project = teacher.project();
	const { before, lesson } = project;
	if (!before || !lesson?.forgets)
		throw new SessionFailure('bad-request', 'The adapter before is not here any more.');
	const back = new Set(lesson.forgets.rows);
	const excluded = project.preparation.excluded.filter((id) => !back.has(id));
	const preparation = await teacher.data.leaveOut(project, new Set(excluded));
	return teacher.keep({ ...project, preparation, lesson: before, before: null });
}

/** Deletes the adapter before, with its audit: what was forgotten can no longer be taken back. */
export async function deleteBefore(teacher: Teacher): Promise<ProjectView> {
	teacher.assertIdle();
	const { before, ...project } = teacher.project();
	if (before?.adapter !== undefined) await teacher.parts.adapters.remove(before.adapter);
	return teacher.keep({ ...project, before: null });
}

interface Draft {
	readonly plan: ForgetPlan;
	readonly next: ProjectLesson;
	/** Ids as they were read. */
	readonly excluded: readonly string[];
}

async function draft(teacher: Teacher, { rows, files }: ForgetChoice): Promise<Draft> {
	const { lesson, id } = trained(teacher);
	const { data, parts } = teacher;
	const before = await lineageOf(parts.adapters, id);
	assertHere(data.learntOf(before.rows));
	const chosen = data.alike(rows, files, before.rows);
	const known = new Set(trainedIds(before));
	const out = new Set(chosen.map(({ row }) => row.id).filter((one) => known.has(one)));
	if (out.size === 0)
		throw new SessionFailure(
			'bad-request',
			'It was not trained on any of these rows; choose others.',
		);
	if (out.size === known.size)
		throw new SessionFailure(
			'bad-request',
			'No row would be left to learn from; delete the adapter instead, in Chat.',
		);
	const isHeldBack = ({ side, left }: PreparedRow): boolean =>
		side === 'validation' && left === undefined;
	const heldBack = chosen.filter(isHeldBack).length;
	const all = new Set([...before.dropped, ...out]);
	const { left: steps } = batchesWithout(before, all);
	const { first } = batchesWithout(before, out);
	const { early } = lesson;
	// Other steps are other learning rates; without rows held back the best look may be another.
	const isSame = heldBack === 0 && steps === lesson.settings.steps;
	const from = early && isSame && early.steps <= first ? early.steps : 0;
	const kept = trainedIds({ ...before, dropped: [...all] });
	const upTo = <T extends { readonly step: number }>(points: readonly T[]): T[] =>
		points.filter(({ step }) => step <= from);
	const { length: n } = lesson.points;
	const pace = lesson.points.reduce((sum, { durationMs }) => sum + durationMs, 0) / n / 1000;
	return {
		plan: {
			...{ rows: out.size, heldBack, kept: kept.length, steps, from },
			seconds: n === 0 ? null : pace * (steps - from) * (1 + watching(lesson)),
		},
		excluded: chosen.map((one) => one.id),
		next: {
			...{ id: randomName(), model: lesson.model, maxTokens: lesson.maxTokens },
			name: nameWithout(lesson.name, all.size),
			settings: { ...lesson.settings, steps },
			...{ training: kept.length, validation: lesson.validation - heldBack },
			data: await dataHashOf(kept),
			notes: [],
			status: 'running',
			...{ points: upTo(lesson.points), validations: upTo(lesson.validations) },
			...(from > 0 && early && { snapshot: early, early }),
			forgets: {
				adapter: id,
				rows: chosen.filter(({ left }) => left !== 'excluded').map((one) => one.id),
				from,
			},
		},
	};
}

/** Time of the looks at the rows held back, over that of the steps: a look goes forward only, a third of the work. */
function watching({ settings, validation }: ProjectLesson): number {
	const { validateEvery = 0, batch } = settings;
	return validateEvery === 0 ? 0 : Math.min(48, validation) / (3 * batch * validateEvery);
}

/** Of a name that says so already, the number is replaced. */
const nameWithout = (name: string, rows: number): string =>
	`${name.replace(/, without \d+ rows?$/, '').slice(0, 40)}, without ${rows} ${rows === 1 ? 'row' : 'rows'}`;
