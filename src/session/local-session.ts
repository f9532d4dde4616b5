/**
 * @file The session itself: one run at a time over a platform's store and models. The page's worker, the terminal
 * and the tests all run this.
 */
import type { RunRecord, ExperienceRow } from '#storage/store.ts';
import { randomName } from '#storage/watch.ts';
import { ActiveRun, type Ending } from './active-run.ts';
import { openEnvironmentOf, assembleRun, changeKnob, newRecord, readWhole } from './request.ts';
import { describeError, SessionFailure } from './failure.ts';
import { createModels, type Models } from './models.ts';
import type { Platform } from './platform.ts';
import { RunBook } from './run-book.ts';
import type { Session, SessionEvent, StartOptions, TryAnswer } from './session.ts';
import type { ExportFormat } from './protocol.ts';
import { exportRun, importRun, type ExportedFile } from './transfer.ts';
import { tryOut } from './try-out.ts';

/** A run in hand: under way while `drive` is there, else waiting. */
interface Current {
	readonly book: RunBook;
	drive: { readonly run: ActiveRun; readonly done: Promise<void> } | null;
}

/** What the place knows of other tabs. */
export interface LocalSessionOptions {
	/** Does this session train, or does another tab? A run that says `running` here and is not, was cut off. */
	readonly trains?: () => boolean;
}

/** One run at a time, in this process. */
export class LocalSession implements Session {
	readonly #platform: Platform;
	readonly #trains: () => boolean;
	readonly #models: Models;
	readonly #listeners = new Set<(event: SessionEvent) => void>();
	#current: Current | null = null;
	/** Between a request and its drive. */
	#starting = false;

	constructor(platform: Platform, options: LocalSessionOptions = {}) {
		this.#platform = platform;
		this.#trains = options.trains ?? (() => true);
		this.#models = createModels(platform, (event) => this.#emit(event));
	}

	/** The open models, for whoever else asks them something. */
	get models(): Models {
		return this.#models;
	}

	/** Does the run under way need this model? */
	isInUse(model: string): boolean {
		const current = this.#current;
		return current?.drive ? current.book.record.recipe.model === model : false;
	}

	/** Tells a newcomer first where things stand. */
	subscribe(listener: (event: SessionEvent) => void): () => void {
		this.#listeners.add(listener);
		const opened = this.#models.latest();
		if (opened) listener(opened);
		if (this.#current) {
			const run = this.#current.book.record;
			listener({ type: 'run', run });
			listener(statusOf(run));
		}
		return () => void this.#listeners.delete(listener);
	}

	start(options: StartOptions): Promise<string> {
		return this.#begin(async () => {
			const draft = newRecord(options, randomName(), this.#platform.now());
			const model = await this.#models.open(draft.recipe.model);
			const book = await RunBook.create(this.#platform.store, {
				...draft,
				engine: model.engine.description,
				trainer: model.description,
			});
			this.#launch(book, false);
			return book.record.id;
		});
	}

	resume(
		runId: string,
		options: { readonly rounds?: number; readonly singleStep?: boolean } = {},
	): Promise<void> {
		return this.#begin(async () => {
			const book = await RunBook.open(this.#platform.store, runId);
			const { recipe } = book.record;
			const rounds = readWhole('rounds', options.rounds ?? recipe.rounds);
			assembleRun(recipe);
			const model = await this.#models.open(recipe.model);
			await book.amend(
				{
					status: 'running',
					recipe: { ...recipe, rounds },
					engine: model.engine.description,
					trainer: model.description,
				},
				this.#platform.now(),
			);
			this.#launch(book, options.singleStep ?? false);
		});
	}

	async pause(): Promise<void> {
		const { drive, book } = this.#inHand('pause');
		if (!drive) return;
		drive.run.pause();
		this.#emit({ type: 'status', runId: book.record.id, status: 'pausing' });
		await drive.done;
	}

	async step(): Promise<void> {
		const current = this.#inHand('step');
		if (current.drive) return this.pause();
		await this.resume(current.book.record.id, { singleStep: true });
		await this.#current?.drive?.done;
	}

	async stop(): Promise<void> {
		const { drive, book } = this.#inHand('stop');
		if (drive) {
			drive.run.stop();
			await drive.done;
		} else if (book.record.status === 'paused') await this.#conclude(book, 'stopped');
	}

	async setKnob(name: string, value: string | number | boolean): Promise<void> {
		const { drive, book } = this.#inHand('turn a knob of');
		const recipe = changeKnob(book.record.recipe, name, value);
		this.#emit({ type: 'run', run: await book.amend({ recipe }, this.#platform.now()) });
		drive?.run.refresh();
	}

	async reject(runId: string, experienceId: string, rejected: boolean): Promise<void> {
		const current = this.#current;
		if (current?.book.record.id !== runId)
			return this.#platform.store.reject(runId, experienceId, rejected);
		await current.book.reject(experienceId, rejected);
		current.drive?.run.refresh();
	}

	async tryOut(runId: string | null, text: string, environment: string): Promise<TryAnswer> {
		const record = runId === null ? null : await this.#find(runId);
		const world = openEnvironmentOf(record?.recipe ?? environment);
		const model = await this.#models.open(world.model);
		return tryOut(text, world, model.shared, record, this.#platform.store.files);
	}

	async runs(): Promise<readonly RunRecord[]> {
		return (await this.#platform.store.runs()).map((run) => this.#asSeen(run));
	}

	async rename(runId: string, name: string): Promise<void> {
		await this.#platform.store.rename(runId, name);
		if (this.#current?.book.record.id !== runId) return;
		this.#emit({ type: 'run', run: this.#current.book.renamed(name) });
	}

	async delete(runId: string): Promise<void> {
		if (this.#current?.book.record.id === runId) {
			if (this.#current.drive) throw busy('Stop it before you delete it.');
			this.#current = null;
		}
		await this.#platform.store.delete(runId);
	}

	experiences(
		runId: string,
		page?: { t?: number; offset?: number; limit?: number },
	): Promise<readonly ExperienceRow[]> {
		return this.#platform.store.experiences(runId, page);
	}

	async export(runId: string, format: ExportFormat): Promise<ExportedFile> {
		return exportRun(await this.#find(runId), format, this.#platform.store, (model) =>
			this.#models.open(model),
		);
	}

	import(bytes: Uint8Array): Promise<string> {
		return importRun(bytes, this.#platform.store);
	}

	async dispose(): Promise<void> {
		if (this.#current?.drive) await this.stop();
		this.#listeners.clear();
		await this.#models.dispose();
		await this.#platform.store.close();
	}

	async #begin<T>(work: () => Promise<T>): Promise<T> {
		if (this.#starting || this.#current?.drive)
			throw busy('Pause or stop it before you start another.');
		this.#starting = true;
		try {
			return await work();
		} finally {
			this.#starting = false;
		}
	}

	#launch(book: RunBook, singleStep: boolean): void {
		const run = new ActiveRun(
			{
				book,
				models: this.#models,
				openElsewhere: this.#platform.openElsewhere,
				assemble: ({ record }) => assembleRun(record.recipe),
				now: () => this.#platform.now(),
				emit: (event) => this.#emit(event),
			},
			singleStep,
		);
		const current: Current = { book, drive: null };
		this.#current = current;
		this.#emit({ type: 'run', run: book.record });
		this.#emit(statusOf(book.record));
		const done = run
			.drive()
			.then((ending) => this.#end(current, ending))
			.catch((error: unknown) => this.#fail(current, error));
		current.drive = { run, done };
	}

	async #end(current: Current, ending: Ending): Promise<void> {
		await this.#conclude(current.book, ending, () => (current.drive = null));
	}

	async #fail(current: Current, failure: unknown): Promise<void> {
		const error = describeError(failure);
		// What cannot be written (a full disk, another tab's run) must not hide why the run failed.
		await this.#conclude(current.book, 'failed', () => (current.drive = null), error.message).catch(
			() => {
				current.drive = null;
				const { id: runId } = current.book.record;
				this.#emit({ type: 'status', runId, status: 'failed', message: error.message });
			},
		);
		this.#emit({ type: 'failed', runId: current.book.record.id, error });
	}

	async #conclude(
		book: RunBook,
		status: Ending | 'failed',
		free: () => void = () => undefined,
		message?: string,
	): Promise<void> {
		const change = { status, ...(message !== undefined && { message }) };
		const run = await book.amend(change, this.#platform.now());
		free();
		this.#emit({ type: 'run', run });
		this.#emit(statusOf(run));
	}

	#inHand(what: string): Current {
		if (this.#current) return this.#current;
		throw new SessionFailure('no-run', `There is no run to ${what}; start or resume one first.`);
	}

	async #find(runId: string): Promise<RunRecord> {
		const run = await this.#platform.store.run(runId);
		if (run) return run;
		throw noSuchRun(runId);
	}

	#asSeen(run: RunRecord): RunRecord {
		const driven = this.#current?.drive && this.#current.book.record.id === run.id;
		return run.status === 'running' && !driven && this.#trains()
			? {
					...run,
					status: 'paused',
					message: 'Cut off; resume goes on from the last finished step.',
				}
			: run;
	}

	#emit(event: SessionEvent): void {
		for (const listener of this.#listeners) listener(event);
	}
}

const statusOf = (run: RunRecord): SessionEvent => ({
	type: 'status',
	runId: run.id,
	status: run.status,
	...(run.message !== undefined && { message: run.message }),
});

const busy = (remedy: string): SessionFailure =>
	new SessionFailure('busy', `A run is under way. ${remedy}`);

const noSuchRun = (runId: string): SessionFailure =>
	new SessionFailure('no-such-run', `There is no run "${runId}"; list the runs to see them.`);
