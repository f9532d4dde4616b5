/** @file Teach API for the page: a person's files to rows, rows to an adapter, and what the adapter is worth. */
import { SessionFailure } from '#base/failure.ts';
import { openAdapterStore, type AdapterStore } from '#chat/adapters.ts';
import type { FileChoice } from '#dataset/imported.ts';
import type { PrepareOptions } from '#dataset/refine/prepare.ts';
import type { Lengths, RowView } from '#dataset/view.ts';
import type { GivenFile } from '#library/library-api.ts';
import type { Models } from '#platform/models.ts';
import type { ExportedFile } from '#runs/session.ts';
import type { Files, Store } from '#storage/runs/store.ts';
import type { AuditCost } from '#chat/audit/cost.ts';
import type { AuditWish, LessonAudit } from './audit/audit-lesson.ts';
import type { TimeEstimate } from './estimate.ts';
import type { ForgetChoice, ForgetPlan } from './forget/forget.ts';
import type { Forgetting, TrainedList } from './forget/prove.ts';
import type { ProjectStep } from './project.ts';
import type { Teacher } from './teacher.ts';
import type {
	LessonRequest,
	ProjectView,
	RowEntry,
	RowFilter,
	TeachEvent,
	WritingRequest,
} from './types.ts';

export interface TeachApi {
	/** Null if nothing was given yet. */
	teachProject(): Promise<ProjectView | null>;
	/** Reads files beside those that are there. */
	addData(files: readonly GivenFile[]): Promise<ProjectView>;
	/** Reads one file again, otherwise. */
	correctData(file: string, choice: FileChoice): Promise<ProjectView>;
	/** Takes away one file with its rows, if it is there; null if nothing is left. */
	removeData(file: string): Promise<ProjectView | null>;
	prepareData(options: PrepareOptions): Promise<ProjectView>;
	dataRows(query: {
		readonly filter: RowFilter;
		readonly offset: number;
		readonly limit: number;
	}): Promise<{ readonly total: number; readonly rows: readonly RowEntry[] }>;
	/** The row as a model sees it. */
	viewData(id: string, model: string, maxTokens: number): Promise<RowView>;
	dataLengths(model: string, maxTokens: number): Promise<Lengths>;
	/** Lets a model write questions and answers of the running text, in place of those written before. */
	writeLessons(request: WritingRequest): Promise<ProjectView>;
	stopWriting(): Promise<void>;
	/** Changes a row that a model wrote. */
	editRow(id: string, asked: string, answered: string): Promise<ProjectView>;
	estimateLesson(lesson: LessonRequest): Promise<TimeEstimate>;
	/** Resolves when it has ended or was paused. */
	trainLesson(lesson: LessonRequest): Promise<ProjectView>;
	/** Goes on with a paused lesson, or one that was cut off. */
	resumeLesson(): Promise<ProjectView>;
	pauseLesson(): Promise<void>;
	examineLesson(): Promise<ProjectView>;
	stopExamination(): Promise<void>;
	/** A zip to go on with on a bigger machine, from the adapter of the last lesson or a fresh one. */
	handOver(lesson: LessonRequest): Promise<ExportedFile>;
	/** What an audit costs, measured here. */
	estimateAudit(wish: AuditWish): Promise<AuditCost>;
	/** Audits the adapter over rows that it was trained on; the same audit goes on where it was stopped. */
	auditLesson(wish: AuditWish): Promise<ProjectView>;
	stopLessonAudit(): Promise<void>;
	lessonAudit(): Promise<LessonAudit | null>;
	/** Rows that the adapter was trained on, and their files, for a choice of what to forget. */
	trainedRows(query: { readonly offset: number; readonly limit: number }): Promise<TrainedList>;
	/** What forgetting these rows takes. */
	planForget(choice: ForgetChoice): Promise<ForgetPlan>;
	/** Trains the adapter anew without these rows; paused and resumed like other lessons. The adapter before stays. */
	forgetRows(choice: ForgetChoice): Promise<ProjectView>;
	undoForget(): Promise<ProjectView>;
	/** Deletes the adapter before, for good. */
	deleteBefore(): Promise<ProjectView>;
	/** Examines and audits the adapters before and after on the same items. */
	compareForget(wish: AuditWish): Promise<ProjectView>;
	forgetting(): Promise<Forgetting>;
	/** The step that the person is at, for the next visit. */
	noteStep(at: ProjectStep): Promise<void>;
	/** Deletes data and training; adapters stay. */
	clearProject(): Promise<void>;
}

export interface TeachParts {
	readonly platform: { readonly store: Store; now(): number };
	readonly models: Models;
	/** Opens the storage of the project, when it is first asked for. */
	readonly projects?: () => Promise<Files>;
	/** Storage of tuned adapters. */
	readonly adapters: Files;
	/** Does the run under way need this model? */
	readonly isInUse?: (model: string) => boolean;
	/** Instructions of each kind that an examination asks. */
	readonly instructions?: number;
	readonly emit: (event: TeachEvent) => void;
}

const audits = () => import('./audit/audit-lesson.ts');
const forgets = () => import('./forget/forget.ts');
const proofs = () => import('./forget/prove.ts');

/** Opens the API; the project is read at the first question. */
export function openTeachApi(parts: TeachParts): TeachApi {
	const { projects, models, emit, isInUse = () => false, platform, instructions = 8 } = parts;
	const adapters: AdapterStore = openAdapterStore(parts.adapters, platform.store);
	let opening: Promise<Teacher> | undefined;
	const teacher = (): Promise<Teacher> => {
		if (!projects)
			return Promise.reject(
				new SessionFailure('bad-request', 'There is no place for data here; reload the page.'),
			);
		return (opening ??= begin(projects).catch((error: unknown) => {
			// What failed once, such as a chunk that could not be loaded, is tried again.
			opening = undefined;
			throw error;
		}));
	};
	// Loaded when it is needed: the worker starts without the readers of data.
	const begin = async (projects: () => Promise<Files>): Promise<Teacher> => {
		const [files, { Teacher: Opened }] = await Promise.all([projects(), import('./teacher.ts')]);
		return Opened.open({
			...{ files, models, adapters, emit, isInUse, platform, instructions },
		});
	};
	const ask =
		<A extends readonly unknown[], T>(work: (teacher: Teacher, ...args: A) => Promise<T>) =>
		async (...args: A): Promise<T> =>
			work(await teacher(), ...args);
	return {
		teachProject: ask(async (one) => one.view()),
		addData: ask((one, files: readonly GivenFile[]) => one.data.add(files)),
		correctData: ask((one, file: string, choice: FileChoice) => one.data.correct(file, choice)),
		removeData: ask((one, file: string) => one.data.remove(file)),
		prepareData: ask((one, options: PrepareOptions) => one.data.prepare(options)),
		dataRows: ask((one, query: Parameters<TeachApi['dataRows']>[0]) =>
			Promise.resolve(one.data.list(query)),
		),
		viewData: ask((one, id: string, model: string, maxTokens: number) =>
			one.viewRow(id, model, maxTokens),
		),
		dataLengths: ask((one, model: string, maxTokens: number) => one.lengths(model, maxTokens)),
		writeLessons: ask(async (one, request: WritingRequest) => {
			const { writeProject } = await import('./lessons/write-project.ts');
			return one.work('writing', request.model, (opened, signal) =>
				writeProject(opened, one.data, request, signal, emit),
			);
		}),
		stopWriting: ask(async (one) => {
			one.stop('writing');
		}),
		editRow: ask((one, id: string, asked: string, answered: string) =>
			one.data.edit(id, asked, answered),
		),
		estimateLesson: ask((one, lesson: LessonRequest) => one.estimate(lesson)),
		trainLesson: ask((one, lesson: LessonRequest) => one.train(lesson)),
		resumeLesson: ask((one) => one.resume()),
		pauseLesson: ask(async (one) => {
			one.stop('training');
		}),
		examineLesson: ask((one) => one.examine()),
		stopExamination: ask(async (one) => {
			one.stop('examination');
		}),
		handOver: ask(async (one, request: LessonRequest) => {
			const { handOverProject } = await import('./handover/project.ts');
			return one.work('handing over', request.model, (opened) =>
				handOverProject(opened, one, adapters, request),
			);
		}),
		estimateAudit: ask(async (one, wish: AuditWish) => (await audits()).auditCost(one, wish)),
		auditLesson: ask(async (one, wish: AuditWish) => (await audits()).auditLesson(one, wish)),
		stopLessonAudit: ask(async (one) => {
			one.stop('audit');
		}),
		lessonAudit: ask(async (one) => (await audits()).readLessonAudit(one)),
		trainedRows: ask(async (one, query: Parameters<TeachApi['trainedRows']>[0]) =>
			(await proofs()).trainedRows(one, query),
		),
		planForget: ask(async (one, choice: ForgetChoice) => (await forgets()).planForget(one, choice)),
		forgetRows: ask(async (one, choice: ForgetChoice) => (await forgets()).forgetRows(one, choice)),
		undoForget: ask(async (one) => (await forgets()).undoForget(one)),
		deleteBefore: ask(async (one) => (await forgets()).deleteBefore(one)),
		compareForget: ask(async (one, wish: AuditWish) => (await proofs()).proveForget(one, wish)),
		forgetting: ask(async (one) => (await proofs()).readForgetting(one)),
		noteStep: ask((one, at: ProjectStep) => one.noteStep(at)),
		clearProject: ask((one) => one.clear()),
	};
}
