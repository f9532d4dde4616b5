/**
 * @file The session itself: one run at a time over a platform's store and models. The page's worker, the terminal
 * and the tests all run this.
 */
import type { KnobValue } from '#base/knobs.ts';
import { createMutex } from '#base/concurrency/mutex.ts';
import { StoreError, type RunRecord, type StoredEntry } from '#storage/runs/store.ts';
import type { Memory } from '#loop/policy/memory.ts';
import { randomName } from '#base/random-name.ts';
import { assembleRun, assertCanLearn, changeKnobs, learntIn, newRecord } from './request.ts';
import { begunIn, readWhole } from './request.ts';
import { SessionFailure } from '#base/failure.ts';
import { openedByFullName } from '#platform/model-names.ts';
import { createModels, type Models } from '#platform/models.ts';
import type { OpenModel, Platform } from '#platform/platform.ts';
import { equipped } from '#platform/sandbox/equipped.ts';
import type { Trash } from '#storage/files/trash.ts';
import { assertCanChat } from './join.ts';
import { assertCanRead } from './places.ts';
import { RunWriter } from './run-writer.ts';
import { listedRow, type ListedRow } from './stored/row.ts';
import { RunController, statusOf } from './run-controller.ts';
import type {
	RecordedPolicies,
	ResumeOptions,
	Session,
	SessionEvent,
	StartOptions,
} from './session.ts';
import type { ExportedFile, ExportFormat, TryAnswer } from './session.ts';
import { exportAsStored, exportRun, importRun } from './export/transfer.ts';
import { adaptersOf, tryOut } from './try-out.ts';

/** Knowledge of the other tabs, from the platform. */
export interface LocalSessionOptions {
	/** True if this session trains and no other tab does. A run stored as `running` that is not, was cut off. */
	readonly trains?: () => boolean;
}

/** One run at a time, in this process. */
export class LocalSession implements Session {
	readonly #platform: Platform;
	readonly #trains: () => boolean;
	readonly #models: Models;
	readonly #listeners = new Set<(event: SessionEvent) => void>();
	#current: RunController | null = null;
	/** The full name of the model that the run launched last was opened with. */
	#modelInUse = '';
	/** Between a request and its launch. */
	#starting = false;
	/** Mutex of the calls that change the current run. */
	readonly #exclusive = createMutex();

	constructor(platform: Platform, options: LocalSessionOptions = {}) {
		this.#platform = platform;
		this.#trains = options.trains ?? (() => true);
		const models = createModels(platform, (event) => this.#emit(event));
		const { fullName } = platform;
		this.#models = fullName ? openedByFullName(models, fullName) : models;
	}

	/** The open models, for the chat. */
	get models(): Models {
		return this.#models;
	}

	/** Does the run under way need the model of this full name? */
	isInUse(model: string): boolean {
		return this.#current?.isUnderWay === true && this.#modelInUse === model;
	}

	/** Sends a new subscriber the present state first. */
	subscribe(listener: (event: SessionEvent) => void): () => void {
		this.#listeners.add(listener);
		const opened = this.#models.latest();
		if (opened) listener(opened);
		if (this.#current) {
			const run = this.#current.record;
			listener({ type: 'run', run });
			listener(statusOf(run));
		}
		return () => void this.#listeners.delete(listener);
	}

	start(options: StartOptions): Promise<string> {
		return this.#begin(async () => {
			const draft = newRecord(options, randomName(), this.#platform.now());
			const { environment, places } = assembleRun(draft.recipe);
			const model = await this.#models.open(draft.recipe.model);
			assertCanChat(environment, model);
			assertCanLearn(draft.recipe, model);
			for (const place of places) assertCanRead(place, model);
			const writer = await RunWriter.create(this.#platform.store, {
				...draft,
				engine: model.engine.description,
				trainer: model.description,
			});
			this.#launch(writer, model, false);
			return writer.record.id;
		});
	}

	resume(runId: string, options: ResumeOptions = {}): Promise<void> {
		return this.#begin(async () => {
			const writer = await RunWriter.open(this.#platform.store, runId);
			const learnt = learntIn(writer.record, false);
			const recipe = changeKnobs(writer.record.recipe, options.knobs ?? {}, learnt);
			const rounds = readWhole('rounds', options.rounds ?? recipe.rounds);
			const { environment, places } = assembleRun(recipe);
			const model = await this.#models.open(recipe.model);
			assertCanChat(environment, model);
			assertCanLearn(recipe, model);
			for (const place of places) assertCanRead(place, model);
			await writer.amend(
				{
					status: 'running',
					recipe: { ...recipe, rounds },
					engine: model.engine.description,
					trainer: model.description,
				},
				this.#platform.now(),
			);
			this.#launch(writer, model, options.singleStep ?? false);
		});
	}

	async pause(): Promise<void> {
		await this.#controller('pause').pause();
	}

	async stop(runId?: string): Promise<void> {
		await this.#makeCurrent(runId);
		await this.#controller('stop').stop();
	}

	async setKnob(name: string, value: KnobValue, runId?: string): Promise<void> {
		await this.#makeCurrent(runId);
		await this.#controller('turn a knob of').setKnob(name, value);
	}

	/** Makes a stored run the current one, unless it is or none is named; one that was cut off is paused from here on. */
	async #makeCurrent(runId: string | undefined): Promise<void> {
		const isCurrent = (): boolean => runId === undefined || this.#current?.record.id === runId;
		if (isCurrent()) return;
		await this.#exclusive(async () => {
			// An earlier call in the queue may have made it the current run.
			if (runId === undefined || isCurrent()) return;
			if (this.#current?.isUnderWay) throw busy('Pause or stop it before you change another.');
			const writer = await RunWriter.open(this.#platform.store, runId);
			if (writer.record.status === 'running') await writer.amend(cutOff, this.#platform.now());
			this.#current = this.#controllerOf(writer);
		});
	}

	async reject(runId: string, experienceId: string, rejected: boolean): Promise<void> {
		const current = this.#current;
		await (current?.record.id === runId
			? current.reject(experienceId, rejected)
			: this.#platform.store.reject(runId, experienceId, rejected));
	}

	async setMemory(runId: string, memory: Memory): Promise<void> {
		await this.#makeCurrent(runId);
		if (this.#current?.isUnderWay) throw busy('Pause or stop it before you change its memory.');
		await this.#controller('change the memory of').setMemory(memory);
	}

	async tryOut(
		of: string | RecordedPolicies | null,
		text: string,
		environment: string,
	): Promise<TryAnswer> {
		const run = typeof of === 'string' ? await this.#find(of) : of;
		const { environment: world, start } = begunIn(run?.recipe ?? environment);
		const adapters = await adaptersOf(run, this.#platform.store.files);
		return this.#models.using(start.model, ({ engine }) =>
			tryOut(text, equipped(world, this.#platform.sandbox), engine, adapters),
		);
	}

	async runs(): Promise<readonly RunRecord[]> {
		return (await this.#platform.store.runs()).map((run) => this.#asSeen(run));
	}

	async entries(): Promise<readonly StoredEntry[]> {
		const entries = await this.#platform.store.entries();
		return entries.map((entry) =>
			entry.kind === 'sound' ? { ...entry, run: this.#asSeen(entry.run) } : entry,
		);
	}

	trash(): Promise<Trash> {
		return this.#platform.store.trash();
	}

	emptyTrash(): Promise<void> {
		return this.#platform.store.emptyTrash();
	}

	async rename(runId: string, name: string): Promise<void> {
		await this.#platform.store.rename(runId, name);
		if (this.#current?.record.id === runId) this.#current.renamed(name);
	}

	async delete(runId: string): Promise<void> {
		if (this.#current?.record.id === runId) {
			if (this.#current.isUnderWay) throw busy('Stop it before you delete it.');
			this.#current = null;
		}
		await this.#platform.store.delete(runId);
	}

	async experiences(
		runId: string,
		page?: { t?: number; offset?: number; limit?: number },
	): Promise<readonly ListedRow[]> {
		return (await this.#platform.store.experiences(runId, page)).map(listedRow);
	}

	async export(runId: string, format: ExportFormat): Promise<ExportedFile> {
		const { store } = this.#platform;
		try {
			const run = await this.#find(runId);
			return await exportRun(run, format, store, (model) => this.#models.open(model));
		} catch (error) {
			const isDamaged = error instanceof StoreError && error.code === 'corrupt';
			if (format === 'run' && isDamaged) return await exportAsStored(runId, store, error);
			throw error;
		}
	}

	import(bytes: Uint8Array): Promise<string> {
		return importRun(bytes, this.#platform.store);
	}

	async dispose(): Promise<void> {
		if (this.#current?.isUnderWay) await this.stop();
		this.#listeners.clear();
		await this.#models.dispose();
		await this.#platform.store.close();
	}

	async #begin<T>(work: () => Promise<T>): Promise<T> {
		if (this.#starting || this.#current?.isUnderWay)
			throw busy('Pause or stop it before you start another.');
		this.#starting = true;
		try {
			return await this.#exclusive(work);
		} finally {
			this.#starting = false;
		}
	}

	#launch(writer: RunWriter, model: OpenModel, singleStep: boolean): void {
		this.#modelInUse = model.name;
		this.#current = this.#controllerOf(writer);
		this.#current.launch(singleStep);
	}

	#controllerOf(writer: RunWriter): RunController {
		return new RunController(writer, {
			platform: this.#platform,
			models: this.#models,
			emit: (event) => this.#emit(event),
		});
	}

	#controller(what: string): RunController {
		if (this.#current) return this.#current;
		throw new SessionFailure('no-run', `There is no run to ${what}; start or resume one first.`);
	}

	async #find(runId: string): Promise<RunRecord> {
		const run = await this.#platform.store.run(runId);
		if (run) return run;
		throw noSuchRun(runId);
	}

	#asSeen(run: RunRecord): RunRecord {
		const driven = this.#current?.isUnderWay && this.#current.record.id === run.id;
		return run.status === 'running' && !driven && this.#trains() ? { ...run, ...cutOff } : run;
	}

	#emit(event: SessionEvent): void {
		for (const listener of this.#listeners) listener(event);
	}
}

/** Status of a run that is stored as running but was cut off. */
const cutOff = {
	status: 'paused',
	message: 'Cut off; resume goes on from the last finished step.',
} as const;

const busy = (remedy: string): SessionFailure =>
	new SessionFailure('busy', `A run is under way. ${remedy}`);

export const noSuchRun = (runId: string): SessionFailure =>
	new SessionFailure('no-such-run', `There is no run "${runId}"; list the runs to see them.`);
