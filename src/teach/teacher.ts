/** @file The project under way: its data, its lesson, and the work that can be stopped. */
import { SessionFailure } from '#base/failure.ts';
import { randomName } from '#base/random-name.ts';
import { refusedBy, trainingKnobs } from '#base/training-knobs.ts';
import type { AdapterStore } from '#chat/adapters.ts';
import { dataHashOf } from '#chat/lineage.ts';
import { lengthsOf, viewRow, type Lengths, type RowView } from '#dataset/view.ts';
import type { Models } from '#platform/models.ts';
import type { OpenModel } from '#platform/platform.ts';
import type { Files } from '#storage/runs/store.ts';
import { TeachData } from './data.ts';
import { estimateTime, type TimeEstimate } from './estimate.ts';
import { examined } from './examine-lesson.ts';
import { cutOff, type Project, type ProjectLesson, type ProjectStep } from './project.ts';
import { openProjectStore, type ProjectStore } from './project-store.ts';
import { keptReplay, replayTexts } from './replay/replayed.ts';
import { lessonRows, runLesson, type LessonPlace } from './run-lesson.ts';
import { lessonSamples, writeOptions } from './samples.ts';
import type { LessonRequest, ProjectView, TeachEvent } from './types.ts';

interface Parts {
	/** Storage of the project. */
	readonly files: Files;
	readonly models: Models;
	readonly adapters: AdapterStore;
	readonly emit: (event: TeachEvent) => void;
	readonly isInUse: (model: string) => boolean;
	readonly instructions: number;
	readonly platform: { now(): number };
}

type Work = 'training' | 'examination' | 'measuring' | 'writing' | 'handing over' | 'audit';

export class Teacher {
	readonly #parts: Parts;
	readonly #store: ProjectStore;
	#project: Project | null = null;
	#data: TeachData | undefined;
	/** Work under way, which can be stopped. */
	#working: { readonly work: Work; readonly stop: AbortController } | undefined;

	private constructor(parts: Parts) {
		this.#parts = parts;
		this.#store = openProjectStore(parts.files);
	}

	static async open(parts: Parts): Promise<Teacher> {
		const teacher = new Teacher(parts);
		const found = await teacher.#store.load();
		teacher.#project = found ? { ...found.project, lesson: cutOff(found.project.lesson) } : null;
		teacher.#data = await TeachData.open(
			{
				project: () => teacher.#project,
				keep: (project, rows) => teacher.keep(project, rows),
				assertIdle: () => teacher.assertIdle(),
				emit: parts.emit,
			},
			found?.rows ?? [],
		);
		return teacher;
	}

	get parts(): Parts {
		return this.#parts;
	}
	get data(): TeachData {
		if (this.#data) return this.#data;
		throw new Error('The project is not open yet.');
	}

	view(): ProjectView | null {
		if (!this.#project) return null;
		const { rows, counts, canReread } = this.data;
		return { ...this.#project, rows, counts, canReread };
	}

	viewRow(id: string, model: string, maxTokens: number): Promise<RowView> {
		const row = this.data.find(id);
		if (!row) throw new SessionFailure('bad-request', 'Nothing is learnt of this row.');
		return this.#parts.models.using(model, async (opened) =>
			viewRow(row, writeOptions(opened, maxTokens)),
		);
	}

	lengths(model: string, maxTokens: number): Promise<Lengths> {
		const { training, validation } = this.data.learnt();
		return this.#parts.models.using(model, (opened) =>
			lengthsOf(
				[...training, ...validation],
				writeOptions(opened, maxTokens),
				() => new Promise((resolve) => setTimeout(resolve, 0)),
			),
		);
	}

	estimate({ model, settings, maxTokens }: LessonRequest): Promise<TimeEstimate> {
		return this.work('measuring', model, async (opened, signal) =>
			estimateTime(
				opened,
				{
					...lessonSamples(opened, this.data, maxTokens),
					replay: await keptReplay(this.#store, model, settings),
					replayTexts: replayTexts(settings),
				},
				settings,
				signal,
			),
		);
	}

	train({ model, name, settings, maxTokens }: LessonRequest): Promise<ProjectView> {
		const { steps, rank, alpha, topShare = 1, learningRate, batch, seed } = settings;
		const refused = refusedBy(trainingKnobs, {
			...{ steps, rank, alpha, topShare, learningRate, batch, seed, maxTokens },
		});
		if (refused !== undefined) throw new SessionFailure('bad-request', refused);
		return this.work('training', model, async (opened, signal) => {
			const samples = lessonSamples(opened, this.data, maxTokens);
			const lesson: ProjectLesson = {
				...{ id: randomName(), name, model, maxTokens },
				settings: { ...settings },
				training: samples.training.length,
				validation: samples.validation.length,
				data: await dataHashOf(this.data.learnt().ids),
				notes: [...samples.notes],
				...{ status: 'running', points: [], validations: [] },
			};
			await this.keep({ ...this.project(), lesson, before: null });
			return this.run(opened, signal, lesson);
		});
	}

	async resume(): Promise<ProjectView> {
		const { lesson } = this.project();
		if (lesson?.status !== 'paused')
			throw new SessionFailure('bad-request', 'There is no lesson to go on with; begin one.');
		return this.work('training', lesson.model, async (opened, signal) => {
			return this.run(opened, signal, lesson);
		});
	}

	/** Trains a lesson from its snapshot, if it has one, to its end or a pause. */
	async run(model: OpenModel, signal: AbortSignal, lesson: ProjectLesson): Promise<ProjectView> {
		const { adapters, emit, platform } = this.#parts;
		const place: LessonPlace = {
			...{ adapters, emit, store: this.#store, now: () => platform.now() },
			setLesson: (one) => this.setLesson(one),
			sweep: () => this.#sweep(),
		};
		await this.#sweep();
		return runLesson(place, model, signal, lesson, await lessonRows(model, this, lesson));
	}

	stop(work: Work): void {
		if (this.#working?.work === work) this.#working.stop.abort();
	}

	async examine(): Promise<ProjectView> {
		const { lesson } = this.project();
		const id = lesson?.adapter;
		if (!lesson || id === undefined)
			throw new SessionFailure('bad-request', 'There is nothing to examine yet; train first.');
		return this.work('examination', lesson.model, async (opened, signal) => {
			const found = await examined(this, opened, { lesson, id }, signal);
			return this.setLesson({ ...lesson, ...found });
		});
	}

	async noteStep(at: ProjectStep): Promise<void> {
		if (this.#project && this.#project.at !== at) await this.keep({ ...this.#project, at });
	}

	async clear(): Promise<void> {
		this.#working?.stop.abort();
		this.#project = null;
		this.data.clear();
		await this.#store.clear();
	}

	/** Does one thing at a time with a model; it can be stopped by its name. */
	async work<T>(
		work: Work,
		model: string,
		doing: (model: OpenModel, signal: AbortSignal) => Promise<T>,
	): Promise<T> {
		this.assertIdle();
		if (this.#parts.isInUse(model))
			throw new SessionFailure(
				'busy',
				'A run is using this model; pause it on the World page first.',
			);
		const mine = { work, stop: new AbortController() };
		this.#working = mine;
		try {
			return await this.#parts.models.using(model, (opened) => doing(opened, mine.stop.signal));
		} finally {
			if (this.#working === mine) this.#working = undefined;
		}
	}

	/** Deletes snapshots that nothing goes on from any more. */
	#sweep(): Promise<void> {
		const { lesson, before } = this.#project ?? {};
		return this.#store.sweep([lesson?.snapshot, lesson?.early, before?.early]);
	}

	/** Refuses while something else is under way. */
	assertIdle(): void {
		if (this.#working)
			throw new SessionFailure('busy', `The ${this.#working.work} is under way; stop it first.`);
	}

	project(): Project {
		if (!this.#project)
			throw new SessionFailure('bad-request', 'There is no data yet; give files.');
		return this.#project;
	}

	setLesson(lesson: ProjectLesson): Promise<ProjectView> {
		return this.keep({ ...this.project(), lesson });
	}

	async keep(
		project: Project,
		rows?: Parameters<ProjectStore['saveRows']>[0],
	): Promise<ProjectView> {
		this.#project = project;
		if (rows) await this.#store.saveRows(rows);
		await this.#store.save(project);
		const view = this.view();
		if (!view) throw new SessionFailure('closed', 'The data was deleted meanwhile.');
		return view;
	}
}
