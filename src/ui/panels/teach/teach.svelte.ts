/** @file The state of Teach: the project in this browser, the step a person is at, and the work under way. */
import type { ChatChoice } from '#chat/chat-api.ts';
import type { StepPoint, TrainingSettings, ValidationPoint } from '#chat/train-rows.ts';
import type { FileChoice } from '#dataset/imported.ts';
import type { PrepareOptions } from '#dataset/refine/prepare.ts';
import type { Lengths, RowView } from '#dataset/view.ts';
import type { GivenFile } from '#library/library-api.ts';
import type { TimeEstimate } from '#teach/estimate.ts';
import type { ForgetChoice } from '#teach/forget/forget.ts';
import { suitedPreset, suitedSettings, type PresetName } from '#teach/presets.ts';
import type { ProjectStep } from '#teach/project.ts';
import type { LessonRequest, ProjectView, RowEntry, RowFilter, TeachEvent } from '#teach/types.ts';
import { askToPersist } from '#storage/files/persist.ts';
import type { ModelsApi } from '#worker/api.ts';
import { apiOf, type ApiClient } from '../../state/api.ts';
import type { App } from '../../state/app.svelte.ts';
import { t } from '../../language/language.svelte.ts';
import { download } from '../runs/files.ts';
import { keepModel, readKeptModel } from '../chat/kept-model.ts';
import { placeInWords } from './words.ts';
import { endWords, rowsShown, warnBeforeClosing, type Busy } from './work.ts';

export class Teach {
	/** Undefined until it was read once; null if nothing was given yet. */
	project = $state.raw<ProjectView | null | undefined>(undefined);
	step = $state<ProjectStep>('data');
	busy = $state<Busy>('');
	said = $state('');
	fault = $state('');
	read = $state.raw<{ readonly rows: number; readonly file: string } | null>(null);
	choices = $state.raw<readonly ChatChoice[] | null>(null);
	model = $state('');
	name = $state('');
	maxTokens = $state(256);
	/** Null: what suits the data. */
	chosenPreset = $state<PresetName | null>(null);
	/** Knobs that a person turned, over those of the preset. */
	turned = $state.raw<Partial<TrainingSettings>>({});
	estimate = $state.raw<TimeEstimate | null>(null);
	points = $state.raw<readonly StepPoint[]>([]);
	validations = $state.raw<readonly ValidationPoint[]>([]);
	pausing = $state(false);
	replayed = $state.raw<Extract<TeachEvent, { type: 'teach-replayed' }> | null>(null);
	examined = $state.raw<Extract<TeachEvent, { type: 'teach-examined' }> | null>(null);
	written = $state.raw<Extract<TeachEvent, { type: 'teach-written' }> | null>(null);
	filter = $state<RowFilter>('all');
	offset = $state(0);
	rows = $state.raw<{ readonly total: number; readonly rows: readonly RowEntry[] } | null>(null);
	lengths = $state.raw<Lengths | null>(null);
	readonly #api: ApiClient;

	constructor(api: ApiClient) {
		this.#api = api;
		api.listen((event) => {
			if (event.type === 'teach-read') this.read = event;
			if (event.type === 'teach-step') this.points = [...this.points, event.point];
			if (event.type === 'teach-validated') this.validations = [...this.validations, event.point];
			if (event.type === 'teach-replayed') this.replayed = event;
			if (event.type === 'teach-examined') this.examined = event;
			if (event.type === 'teach-written') this.written = event;
		});
	}

	get preset(): PresetName {
		return this.chosenPreset ?? suitedPreset(this.project?.counts);
	}
	/** Before a person turned any. */
	get suited(): TrainingSettings {
		return suitedSettings(this.preset, this.project?.counts);
	}
	get settings(): TrainingSettings {
		return { ...this.suited, ...this.turned };
	}
	get request(): LessonRequest {
		const { model, maxTokens, settings } = this;
		const name = this.name.trim() || t('teach.defaultName');
		return { model, name, maxTokens, settings };
	}

	async open(): Promise<void> {
		// What is under way shows its end itself.
		if (this.busy !== '') return;
		await this.#do('', async () => {
			const choices = await this.#ask((api) => api.chatModels());
			this.choices = choices;
			const kept = choices.find(({ model }) => model === readKeptModel());
			this.model ||=
				(kept ?? choices.find(({ isSeedling }) => !isSeedling) ?? choices[0])?.model ?? '';
			const project = await this.#ask((api) => api.teachProject());
			const isFirst = this.project === undefined;
			this.#show(project);
			if (isFirst && project) this.step = project.at;
			const lesson = project?.lesson;
			if (isFirst && lesson && choices.some(({ model }) => model === lesson.model)) {
				this.model = lesson.model;
				this.name = lesson.name;
				this.maxTokens = lesson.maxTokens;
			}
		});
	}

	go(step: ProjectStep): void {
		this.step = step;
		this.said = '';
		this.fault = '';
		void this.#ask((api) => api.noteStep(step)).catch(() => undefined); // for the next visit only
	}

	add(files: readonly GivenFile[]): Promise<void> {
		if (files.length === 0) return Promise.resolve();
		void askToPersist().catch(() => false);
		return this.#do('reading', async () => {
			this.read = null;
			const before = this.project?.rows ?? 0;
			this.#show(await this.#ask((api) => api.addData(files)));
			const rows = (this.project?.rows ?? 0) - before;
			this.said = rows > 0 ? t('teach.newRows', { n: rows }) : t('teach.noNewRow');
		});
	}

	correct(file: string, choice: FileChoice): Promise<void> {
		return this.#do('reading', async () => {
			this.#show(await this.#ask((api) => api.correctData(file, choice)));
		});
	}

	remove(file: string): Promise<void> {
		return this.#do('reading', async () => {
			this.#show(await this.#ask((api) => api.removeData(file)));
			this.said = t('teach.tookAway', { file: placeInWords(file) });
		});
	}

	prepare(options: PrepareOptions): Promise<void> {
		return this.#do('reading', async () => {
			this.#show(await this.#ask((api) => api.prepareData(options)));
			await this.list();
		});
	}

	async list(): Promise<void> {
		const { filter, offset } = this;
		this.rows = await this.#ask((api) => api.dataRows({ filter, offset, limit: rowsShown }));
	}

	measureLengths(): Promise<void> {
		return this.#do('opening', async () => {
			const { model, maxTokens } = this;
			this.lengths = await this.#ask((api) => api.dataLengths(model, maxTokens));
			keepModel(model);
		});
	}

	async view(id: string): Promise<RowView> {
		const { model, maxTokens } = this;
		return this.#ask((api) => api.viewData(id, model, maxTokens));
	}

	measureTime(): Promise<void> {
		return this.#do('measuring', async () => {
			this.estimate = await this.#ask((api) => api.estimateLesson(this.request));
		});
	}

	train(): Promise<void> {
		[this.points, this.validations] = [[], []];
		return this.#train((api) => api.trainLesson(this.request));
	}

	resume(): Promise<void> {
		const { lesson } = this.project ?? {};
		// What came after the snapshot is done again.
		const steps = lesson?.snapshot?.steps ?? 0;
		this.points = (lesson?.points ?? []).filter(({ step }) => step <= steps);
		this.validations = (lesson?.validations ?? []).filter(({ step }) => step <= steps);
		return this.#train((api) => api.resumeLesson());
	}

	async pause(): Promise<void> {
		this.pausing = true;
		await this.#ask((api) => api.pauseLesson()).catch(() => undefined);
	}

	handOver(): Promise<void> {
		return this.#do('handing over', async () => {
			download(await this.#ask((api) => api.handOver(this.request)));
			this.said = t('teach.handedOver');
		});
	}

	examine(): Promise<void> {
		this.examined = null;
		return this.#do('examining', async () => {
			this.#show(await this.#ask((api) => api.examineLesson()));
		});
	}

	async stopExamining(): Promise<void> {
		await this.#ask((api) => api.stopExamination()).catch(() => undefined);
	}

	/** Lets the model write questions and answers of the running text. */
	write(): Promise<void> {
		this.written = null;
		return this.#do('writing', async () => {
			keepModel(this.model);
			const { model, settings } = this;
			this.#show(await this.#ask((api) => api.writeLessons({ model, seed: settings.seed })));
		});
	}

	async stopWriting(): Promise<void> {
		await this.#ask((api) => api.stopWriting()).catch(() => undefined);
	}

	/** Resolves with whether the row was changed. */
	async edit(id: string, asked: string, answered: string): Promise<boolean> {
		await this.#do('reading', async () => {
			this.#show(await this.#ask((api) => api.editRow(id, asked, answered)));
			await this.list();
		});
		return this.fault === '';
	}

	/** Work of a step of its own; what it did to the project is shown. */
	during(busy: Busy, work: (api: ModelsApi) => Promise<ProjectView | undefined>): Promise<void> {
		return this.#do(busy, async () => {
			const project = await this.#ask(work);
			if (project) this.#show(project);
		});
	}

	/** Trains the adapter anew without some rows. */
	forget(choice: ForgetChoice): Promise<void> {
		[this.points, this.validations] = [[], []];
		return this.#train((api) => api.forgetRows(choice));
	}

	clear(): Promise<void> {
		return this.#do('reading', async () => {
			await this.#ask((api) => api.clearProject());
			this.#show(null);
			this.rows = null;
			this.lengths = null;
			this.step = 'data';
			this.said = t('teach.cleared');
		});
	}

	async #train(work: (api: ModelsApi) => Promise<ProjectView>): Promise<void> {
		this.pausing = false;
		this.replayed = null;
		addEventListener('beforeunload', warnBeforeClosing);
		await this.#do('training', async () => {
			keepModel(this.model);
			this.#show(await this.#ask(work));
		});
		removeEventListener('beforeunload', warnBeforeClosing);
		this.pausing = false;
		if (this.fault) this.#show(await this.#ask((api) => api.teachProject()).catch(() => null));
	}

	#ask<T>(question: (api: ModelsApi) => Promise<T>): Promise<T> {
		return this.#api.ask(question);
	}

	#show(project: ProjectView | null): void {
		this.project = project;
		this.estimate = null;
		if (this.busy !== 'reading' || !project?.lesson) return;
		this.lengths = null;
	}

	async #do(busy: Busy, work: () => Promise<void>): Promise<void> {
		if (this.busy !== '') {
			this.fault = t('do.wait');
			return;
		}
		this.busy = busy;
		this.fault = '';
		this.said = '';
		try {
			await work();
		} catch (error) {
			this.fault = endWords(error);
		} finally {
			this.busy = '';
		}
	}
}

const held = new WeakMap<App, Teach>();

/** The same one whenever the panel is opened. */
export function teachOf(app: App): Teach {
	const found = held.get(app) ?? new Teach(apiOf(app));
	held.set(app, found);
	return found;
}
