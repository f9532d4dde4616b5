/** @file Run controller: the current run's record and, while it is under way, its driver; emits an event on every change. */
import type { KnobValue } from '#base/knobs.ts';
import type { Memory } from '#loop/policy/memory.ts';
import type { RunRecord } from '#storage/runs/store.ts';
import { RunDriver, type Ending } from './run-driver.ts';
import { describeError } from './describe-error.ts';
import type { Models } from '#platform/models.ts';
import type { Platform } from '#platform/platform.ts';
import { assembleRun, changeKnobs, learntIn } from './request.ts';
import type { RunWriter } from './run-writer.ts';
import type { SessionEvent } from './session.ts';

/** Services that a run needs of its session. */
export interface RunControllerOptions {
	readonly platform: Pick<Platform, 'openElsewhere' | 'sandbox' | 'now'>;
	readonly models: Models;
	emit(event: SessionEvent): void;
}

/** One run, under way or waiting. */
export class RunController {
	readonly #writer: RunWriter;
	readonly #options: RunControllerOptions;
	#drive: { readonly run: RunDriver; readonly done: Promise<void> } | null = null;

	constructor(writer: RunWriter, options: RunControllerOptions) {
		this.#writer = writer;
		this.#options = options;
	}

	get record(): RunRecord {
		return this.#writer.record;
	}

	get isUnderWay(): boolean {
		return this.#drive !== null;
	}

	/** Goes on from the stored record, for one step or until the last round. */
	launch(singleStep: boolean): void {
		const { platform, models, emit } = this.#options;
		const run = new RunDriver(
			{
				writer: this.#writer,
				models,
				openElsewhere: platform.openElsewhere,
				sandbox: platform.sandbox,
				assemble: ({ record }) => assembleRun(record.recipe),
				now: () => platform.now(),
				emit,
			},
			singleStep,
		);
		emit({ type: 'run', run: this.record });
		emit(statusOf(this.record));
		const done = run
			.drive()
			.then((ending) => this.#conclude(ending))
			.catch((error: unknown) => this.#fail(error));
		this.#drive = { run, done };
	}

	/** Waits for the end of the step under way. */
	async pause(): Promise<void> {
		if (!this.#drive) return;
		this.#drive.run.pause();
		this.#options.emit({ type: 'status', runId: this.record.id, status: 'pausing' });
		await this.#drive.done;
	}

	/** Drops the step under way. */
	async stop(): Promise<void> {
		if (this.#drive) {
			this.#drive.run.stop();
			await this.#drive.done;
		} else if (this.record.status === 'paused') await this.#conclude('stopped');
	}

	async setKnob(name: string, value: KnobValue): Promise<void> {
		const { platform, emit } = this.#options;
		const change = (run: RunRecord) => ({
			recipe: changeKnobs(run.recipe, { [name]: value }, learntIn(run, this.isUnderWay)),
		});
		emit({ type: 'run', run: await this.#writer.amend(change, platform.now()) });
		this.#drive?.run.refresh();
	}

	async reject(experienceId: string, rejected: boolean): Promise<void> {
		await this.#writer.reject(experienceId, rejected);
		this.#drive?.run.refresh();
	}

	async setMemory(memory: Memory): Promise<void> {
		const { platform, emit } = this.#options;
		emit({ type: 'run', run: await this.#writer.setMemory(memory, platform.now()) });
	}

	/** Takes over a rename of the run in the store. */
	renamed(name: string): void {
		this.#options.emit({ type: 'run', run: this.#writer.renamed(name) });
	}

	async #conclude(status: Ending | 'failed', message?: string): Promise<void> {
		const { platform, emit } = this.#options;
		const change = { status, ...(message !== undefined && { message }) };
		const run = await this.#writer.amend(change, platform.now());
		this.#drive = null;
		emit({ type: 'run', run });
		emit(statusOf(run));
	}

	async #fail(failure: unknown): Promise<void> {
		const { emit } = this.#options;
		const { id: runId } = this.record;
		const error = describeError(failure);
		// A failed write (a full disk, another tab's run) must not hide why the run failed.
		await this.#conclude('failed', error.message).catch(() => {
			this.#drive = null;
			emit({ type: 'status', runId, status: 'failed', message: error.message });
		});
		emit({ type: 'failed', runId, error });
	}
}

/** Status of a run, as an event. */
export const statusOf = (run: RunRecord): SessionEvent => ({
	type: 'status',
	runId: run.id,
	status: run.status,
	...(run.message !== undefined && { message: run.message }),
});
