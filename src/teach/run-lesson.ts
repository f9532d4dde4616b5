/** @file One lesson trained to its end or a pause: from its rows, or from those of an earlier adapter without some. */
import { SessionFailure } from '#base/failure.ts';
import { randomName } from '#base/random-name.ts';
import type { AdapterStore } from '#chat/adapters.ts';
import {
	dataHashOf,
	lineageFile,
	readLineage,
	trainedIds,
	writeLineage,
	type Lineage,
} from '#chat/lineage.ts';
import { trainRows, type TrainedOn, type TrainedRows } from '#chat/train-rows.ts';
import type { OpenModel } from '#platform/platform.ts';
import { describeModelError } from '#runs/describe-error.ts';
import type { TeachData } from './data.ts';
import type { ProjectLesson } from './project.ts';
import type { ProjectStore } from './project-store.ts';
import { samplesWithout } from './forget/without.ts';
import { replayed } from './replay/replayed.ts';
import { lessonSamples } from './samples.ts';
import type { ProjectView, TeachEvent } from './types.ts';

/** What a lesson needs of its project. */
export interface LessonPlace {
	readonly store: ProjectStore;
	readonly adapters: AdapterStore;
	readonly emit: (event: TeachEvent) => void;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	setLesson(lesson: ProjectLesson): Promise<ProjectView>;
	/** Deletes snapshots that the project does not name any more. */
	sweep(): Promise<void>;
}

/** Rows of a lesson as tokens, and what its adapter will be made of. */
export interface LessonRows extends TrainedOn {
	readonly lineage: Lineage;
}

/** Rows held back that are looked at. */
const mostWatched = 48;
const keepEveryMs = 15_000;

interface Project {
	readonly data: TeachData;
	readonly parts: { readonly adapters: AdapterStore };
}

/** Refuses if the rows are others than those that the lesson began with. */
export async function lessonRows(
	model: OpenModel,
	{ data, parts: { adapters } }: Project,
	{ settings, maxTokens, forgets, data: hash }: ProjectLesson,
): Promise<LessonRows> {
	const begun = { version: 1, settings, maxTokens } as const;
	if (!forgets) {
		const { ids } = data.learnt();
		if ((await dataHashOf(ids)) !== hash)
			throw new SessionFailure(
				'bad-request',
				'The rows have changed since this lesson was paused; take the change back, or begin anew.',
			);
		const { rows, ...samples } = samplesWithout(model, data, { rows: ids, dropped: [], maxTokens });
		const lineage = { ...begun, data: hash, rows, dropped: [], from: 0, ancestors: [] };
		return { ...samples, validation: lessonSamples(model, data, maxTokens).validation, lineage };
	}
	const before = await lineageOf(adapters, forgets.adapter);
	const read = new Set(forgets.rows);
	const left = data.alike(forgets.rows, []).filter(({ id }) => read.has(id));
	const dropped = [...new Set([...before.dropped, ...left.map(({ row }) => row.id)])];
	const lineage: Lineage = {
		...{ ...begun, data: hash, rows: before.rows, dropped, from: forgets.from },
		// Those of the first training: steps without any other row are left out.
		settings: before.settings,
		ancestors: [
			...before.ancestors,
			{
				adapter: forgets.adapter,
				data: before.data,
				rows: trainedIds(before).length,
				dropped: before.dropped,
			},
		],
	};
	const { training, without } = samplesWithout(model, data, lineage);
	return {
		...{ training, without },
		validation: lessonSamples(model, data, maxTokens).validation,
		lineage,
	};
}

/** The lineage of an adapter; refuses if it has none. */
export async function lineageOf(adapters: AdapterStore, id: string): Promise<Lineage> {
	const found = readLineage(await adapters.note(id, lineageFile));
	if (found) return found;
	throw new SessionFailure(
		'bad-request',
		'It is not known which rows this adapter was trained on; train it once more, then it can forget.',
	);
}

/** Trains from the snapshot of the lesson, if it has one; keeps the adapter with its lineage. */
export async function runLesson(
	place: LessonPlace,
	model: OpenModel,
	signal: AbortSignal,
	{ fault: _, ...begun }: ProjectLesson,
	{ lineage, ...rows }: LessonRows,
): Promise<ProjectView> {
	const { store, emit } = place;
	const snapshot = await store.readSnapshot(begun);
	const [points, validations] = [snapshot?.points ?? [], snapshot?.validations ?? []];
	let lesson: ProjectLesson = {
		...{ ...begun, status: 'running' },
		...{ points: [...points], validations: [...validations] },
	};
	await place.setLesson(lesson);
	const pass = Math.ceil(rows.training.length / lesson.settings.batch);
	let trained: TrainedRows | undefined;
	try {
		const report = (done: number, total: number): void => {
			emit({ type: 'teach-replayed', done, total });
		};
		const { settings, model: name } = lesson;
		const replay = await replayed({ store, report }, model, name, settings, signal);
		const watched = { ...rows, validation: rows.validation.slice(0, mostWatched), replay };
		const hooks = {
			keepEveryMs,
			onStep: (point: TrainedRows['points'][number]) => {
				emit({ type: 'teach-step', point });
			},
			onValidated: (point: TrainedRows['validations'][number]) => {
				emit({ type: 'teach-validated', point });
			},
			keep: async (taken: NonNullable<typeof snapshot>) => {
				const written = await store.writeSnapshot(lesson.id, taken);
				lesson = {
					...lesson,
					...{ points: [...taken.points], validations: [...taken.validations] },
					snapshot: written,
					...(written.steps < pass && { early: written }),
				};
				await place.setLesson(lesson);
				await place.sweep();
			},
		};
		trained = await trainRows(model, watched, lesson.settings, signal, hooks, snapshot);
	} catch (error) {
		// Nothing was trained yet.
		if (signal.aborted) return place.setLesson({ ...lesson, status: 'paused' });
		const status = lesson.snapshot ? 'paused' : 'failed';
		await place.setLesson({ ...lesson, status, fault: describeModelError(error).message });
		throw error;
	}
	if (!trained || trained.ended === 'paused')
		return place.setLesson({ ...lesson, status: 'paused' });
	return finish(place, lesson, trained, lineage);
}

async function finish(
	{ adapters, now, setLesson, sweep }: LessonPlace,
	lesson: ProjectLesson,
	{ adapter, step, points, validations, ended }: TrainedRows,
	lineage: Lineage,
): Promise<ProjectView> {
	const id = randomName();
	await adapters.keep(
		{
			...{ kind: 'tuned', id, name: lesson.name, model: lesson.model },
			...{ createdAt: now(), steps: step, loss: points[step - 1]?.loss ?? 0 },
		},
		adapter,
	);
	// Without room for it the adapter cannot forget, which is no reason to lose it.
	await adapters.annotate(id, lineageFile, writeLineage(lineage)).catch(() => undefined);
	const { snapshot: _, ...rest } = lesson;
	const curves = { points: [...points], validations: [...validations] };
	const status = ended === 'best' ? 'best' : 'done';
	const view = await setLesson({ ...rest, ...curves, status, step, adapter: id });
	await sweep();
	return view;
}
