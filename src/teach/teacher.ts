/** @file The project under way: its data, its lesson, and the work that can be stopped. */
import { SessionFailure } from '#base/failure.ts';
import { randomName } from '#base/random-name.ts';
import { refusedBy, trainingKnobs } from '#base/training-knobs.ts';
import type { AdapterStore } from '#chat/adapters.ts';
import { trainRows, type Snapshot, type TrainedRows } from '#chat/train-rows.ts';
import { lengthsOf, viewRow, type Lengths, type RowView } from '#dataset/view.ts';
import type { Models } from '#platform/models.ts';
import type { OpenModel } from '#platform/platform.ts';
import { describeModelError } from '#runs/describe-error.ts';
import { sha256 } from '#storage/files/sha256.ts';
import type { Files } from '#storage/runs/store.ts';
import { TeachData } from './data.ts';
import { estimateTime, type TimeEstimate } from './estimate.ts';
import { examineAdapter } from './examine.ts';
import { cutOff, type Project, type ProjectLesson, type ProjectStep } from './project.ts';
import { openProjectStore, type ProjectStore } from './project-store.ts';
import { examinedRows, lessonSamples, writeOptions, type LessonSamples } from './samples.ts';
import type { LessonRequest, ProjectView, TeachEvent } from './types.ts';
import { verdictOf } from './verdict.ts';

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

type Work = 'training' | 'examination' | 'measuring' | 'writing' | 'handing over';

/** Rows held back that are looked at. */
const mostWatched = 48;
const keepEveryMs = 15_000;

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
				keep: (project, rows) => teacher.#keep(project, rows),
				assertIdle: () => teacher.#assertIdle(),
				emit: parts.emit,
			},
			found?.rows ?? [],
		);
		return teacher;
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
		return this.work('measuring', model, (opened, signal) =>
			estimateTime(opened, lessonSamples(opened, this.data, maxTokens), settings, signal),
		);
	}

	train({ model, name, settings, maxTokens }: LessonRequest): Promise<ProjectView> {
		const { steps, rank, alpha, learningRate, batch, seed } = settings;
		const refused = refusedBy(trainingKnobs, {
			...{ steps, rank, alpha, learningRate, batch, seed, maxTokens },
		});
		if (refused !== undefined) throw new SessionFailure('bad-request', refused);
		return this.work('training', model, async (opened, signal) => {
			const samples = lessonSamples(opened, this.data, maxTokens);
			const lesson: ProjectLesson = {
				...{ id: randomName(), name, model, maxTokens },
				settings: { ...settings },
				training: samples.training.length,
				validation: samples.validation.length,
				data: await sha256(new TextEncoder().encode([...this.data.learnt().ids].sort().join('\n'))),
				notes: [...samples.notes],
				...{ status: 'running', points: [], validations: [] },
			};
			await this.#setLesson(lesson);
			await this.#store.sweep(undefined);
			return this.#run(opened, signal, lesson, samples, undefined);
		});
	}

	async resume(): Promise<ProjectView> {
		const { lesson } = this.#theProject();
		if (lesson?.status !== 'paused')
			throw new SessionFailure('bad-request', 'There is no lesson to go on with; begin one.');
		return this.work('training', lesson.model, async (opened, signal) => {
			const snapshot = await this.#store.readSnapshot(lesson);
			const samples = lessonSamples(opened, this.data, lesson.maxTokens);
			const from = {
				points: snapshot ? [...snapshot.points] : [],
				validations: snapshot ? [...snapshot.validations] : [],
			};
			const going: ProjectLesson = { ...lesson, ...from, status: 'running' };
			await this.#setLesson(going);
			return this.#run(opened, signal, going, samples, snapshot);
		});
	}

	stop(work: Work): void {
		if (this.#working?.work === work) this.#working.stop.abort();
	}

	async examine(): Promise<ProjectView> {
		const { lesson } = this.#theProject();
		const id = lesson?.adapter;
		if (!lesson || id === undefined)
			throw new SessionFailure('bad-request', 'There is nothing to examine yet; train first.');
		return this.work('examination', lesson.model, async (opened, signal) => {
			const { adapters, emit, instructions } = this.#parts;
			const adapter = await adapters.load({ kind: 'tuned', id }, lesson.model, opened.spec);
			const { rows, on } = examinedRows(opened, this.data, lesson.maxTokens);
			const examination = await examineAdapter(opened, adapter, rows, {
				...{ on, signal, seed: lesson.settings.seed, instructions },
				report: (what, done, total) => {
					emit({ type: 'teach-examined', what, done, total });
				},
			});
			const verdict = verdictOf(examination);
			const [about] = (await adapters.list(lesson.model)).filter((one) => one.id === id);
			if (about) await adapters.keep({ ...about, verdict: verdict.sentence }, adapter);
			return this.#setLesson({
				...lesson,
				examination: structuredClone(examination) as NonNullable<ProjectLesson['examination']>,
				verdict,
			});
		});
	}

	async noteStep(at: ProjectStep): Promise<void> {
		if (this.#project && this.#project.at !== at) await this.#keep({ ...this.#project, at });
	}

	async clear(): Promise<void> {
		this.#working?.stop.abort();
		this.#project = null;
		this.data.clear();
		await this.#store.clear();
	}

	async #run(
		model: OpenModel,
		signal: AbortSignal,
		begun: ProjectLesson,
		samples: LessonSamples,
		from: Snapshot | undefined,
	): Promise<ProjectView> {
		const { emit } = this.#parts;
		let lesson = begun;
		let trained: TrainedRows | undefined;
		try {
			trained = await trainRows(
				model,
				{ ...samples, validation: samples.validation.slice(0, mostWatched) },
				lesson.settings,
				signal,
				{
					keepEveryMs,
					onStep: (point) => {
						emit({ type: 'teach-step', point });
					},
					onValidated: (point) => {
						emit({ type: 'teach-validated', point });
					},
					keep: async (snapshot) => {
						const written = await this.#store.writeSnapshot(lesson.id, snapshot);
						const { points, validations } = snapshot;
						lesson = {
							...lesson,
							points: [...points],
							validations: [...validations],
							snapshot: written,
						};
						await this.#setLesson(lesson);
						await this.#store.sweep(written);
					},
				},
				from,
			);
		} catch (error) {
			const status = lesson.snapshot ? 'paused' : 'failed';
			await this.#setLesson({ ...lesson, status, fault: describeModelError(error).message });
			throw error;
		}
		if (!trained || trained.ended === 'paused')
			return this.#setLesson({ ...lesson, status: 'paused' });
		return this.#finish(lesson, trained);
	}

	async #finish(lesson: ProjectLesson, trained: TrainedRows): Promise<ProjectView> {
		const { adapters, platform } = this.#parts;
		const { adapter, step, points, validations, ended } = trained;
		const id = randomName();
		await adapters.keep(
			{
				...{ kind: 'tuned', id, name: lesson.name, model: lesson.model },
				...{ createdAt: platform.now(), steps: step, loss: points[step - 1]?.loss ?? 0 },
			},
			adapter,
		);
		const { snapshot: _, ...rest } = lesson;
		const curves = { points: [...points], validations: [...validations] };
		const status = ended === 'best' ? 'best' : 'done';
		const view = await this.#setLesson({ ...rest, ...curves, status, step, adapter: id });
		await this.#store.sweep(undefined);
		return view;
	}

	/** Does one thing at a time with a model; it can be stopped by its name. */
	async work<T>(
		work: Work,
		model: string,
		doing: (model: OpenModel, signal: AbortSignal) => Promise<T>,
	): Promise<T> {
		this.#assertIdle();
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

	#assertIdle(): void {
		if (this.#working)
			throw new SessionFailure('busy', `The ${this.#working.work} is under way; stop it first.`);
	}

	#theProject(): Project {
		if (!this.#project)
			throw new SessionFailure('bad-request', 'There is no data yet; give files.');
		return this.#project;
	}

	#setLesson(lesson: ProjectLesson): Promise<ProjectView> {
		return this.#keep({ ...this.#theProject(), lesson });
	}

	async #keep(
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
