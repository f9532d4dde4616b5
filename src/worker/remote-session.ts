/**
 * @file The session over a worker. When the worker dies, a new one is opened over the same store: nothing
 * finished is lost, and the run can be resumed.
 */
import { connectDesk, type DeskConnection } from './rpc.ts';
import type { DeskEvent } from './api.ts';
import { describeError } from '#runs/describe-error.ts';
import { RemoteFailure, SessionFailure } from '#base/failure.ts';
import type { Answer, Command, Message, Port, Request } from './protocol.ts';
import type { OpenOptions } from '#platform/compute.ts';
import type { ExportFormat } from '#runs/session.ts';
import type {
	ResumeOptions,
	Session,
	SessionEvent,
	StartOptions,
	TryAnswer,
} from '#runs/session.ts';
import type { KnobValue } from '#base/knobs.ts';
import type { ExperienceRow } from '#runs/stored/row.ts';
import type { RunRecord } from '#storage/runs/store.ts';

/** A worker that is up, or so it seems. */
export interface Connection {
	readonly port: Port<Request, Message>;
	/** Called when the worker dies: an uncaught error, a script that does not load, a message nobody can read. */
	onCrash(listener: (reason: string) => void): void;
	terminate(): void;
}

interface Waiting {
	resolve(answer: Answer): void;
	reject(error: Error): void;
}

/** Workers opened again, without a step finished between, before the session waits to be asked. */
const maxRestarts = 3;

/** A session whose calls are answered by a worker. */
export class RemoteSession implements Session {
	readonly #connect: () => Connection;
	readonly #options: OpenOptions;
	readonly #listeners = new Set<(event: SessionEvent) => void>();
	readonly #waiting = new Map<number, Waiting>();
	readonly #desks = new Set<DeskConnection>();
	#connection: Connection | null = null;
	#opened: Promise<unknown> = Promise.resolve();
	#nextId = 1;
	#restarts = 0;
	/** The run under way, to name it when the worker dies. */
	#runId: string | null = null;
	#disposed = false;

	constructor(connect: () => Connection, options: OpenOptions) {
		this.#connect = connect;
		this.#options = options;
		this.#open();
	}

	subscribe(listener: (event: SessionEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	async start(options: StartOptions): Promise<string> {
		return runIdOf(await this.#ask({ type: 'start', options }));
	}
	async resume(runId: string, options: ResumeOptions = {}): Promise<void> {
		await this.#ask({ type: 'resume', runId, options });
	}
	async pause(): Promise<void> {
		await this.#ask({ type: 'pause' });
	}
	async step(): Promise<void> {
		await this.#ask({ type: 'step' });
	}
	async stop(): Promise<void> {
		await this.#ask({ type: 'stop' });
	}
	async setKnob(name: string, value: KnobValue, runId?: string): Promise<void> {
		await this.#ask({ type: 'set-knob', name, value, ...(runId !== undefined && { runId }) });
	}
	async reject(runId: string, experienceId: string, rejected: boolean): Promise<void> {
		await this.#ask({ type: 'reject', runId, experienceId, rejected });
	}
	async tryOut(runId: string | null, text: string, environment: string): Promise<TryAnswer> {
		const answer = await this.#ask({ type: 'try-out', runId, text, environment });
		return answer.type === 'try-answer' ? answer.answer : unexpected(answer);
	}
	async runs(): Promise<readonly RunRecord[]> {
		const answer = await this.#ask({ type: 'runs' });
		return answer.type === 'run-list' ? answer.runs : unexpected(answer);
	}
	async rename(runId: string, name: string): Promise<void> {
		await this.#ask({ type: 'rename', runId, name });
	}
	async delete(runId: string): Promise<void> {
		await this.#ask({ type: 'delete', runId });
	}
	async experiences(
		runId: string,
		page: { t?: number; offset?: number; limit?: number } = {},
	): Promise<readonly ExperienceRow[]> {
		const answer = await this.#ask({ type: 'experiences', runId, page });
		return answer.type === 'row-list' ? answer.rows : unexpected(answer);
	}
	async export(
		runId: string,
		format: ExportFormat,
	): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
		const answer = await this.#ask({ type: 'export', runId, format });
		return answer.type === 'file' ? answer : unexpected(answer);
	}
	async import(bytes: Uint8Array): Promise<string> {
		return runIdOf(await this.#ask({ type: 'import', bytes }));
	}

	async openDesk(hear: (event: DeskEvent) => void): Promise<DeskConnection> {
		const { port1, port2 } = new MessageChannel();
		await this.#ask({ type: 'open-desk', port: port2 }, [port2]);
		const desk = connectDesk(port1, hear);
		this.#desks.add(desk);
		return desk;
	}

	async dispose(): Promise<void> {
		if (this.#disposed) return;
		// A worker that is gone needs no other one to be opened only to be closed.
		if (this.#connection) await this.#ask({ type: 'dispose' }).catch(() => undefined);
		this.#disposed = true;
		this.#connection?.terminate();
		this.#fail(closed());
	}

	#open(): void {
		const connection = this.#connect();
		this.#connection = connection;
		connection.onCrash((reason) => {
			if (this.#connection === connection) this.#crashed(reason);
		});
		connection.port.receive((message) => {
			if (this.#connection === connection) this.#receive(message);
		});
		this.#opened = this.#send({ type: 'open', ...this.#options });
		this.#opened.catch((error: unknown) => {
			if (this.#connection === connection && !this.#disposed)
				this.#emit({ type: 'failed', runId: null, error: describeError(error) });
		});
	}

	async #ask(command: Command, transfer: readonly Transferable[] = []): Promise<Answer> {
		if (this.#disposed) throw closed();
		// Whoever asks after the session gave up wants it opened again.
		if (!this.#connection) this.#open();
		await this.#opened;
		return this.#send(command, transfer);
	}

	#send(command: Command, transfer: readonly Transferable[] = []): Promise<Answer> {
		const connection = this.#connection;
		if (this.#disposed || !connection) return Promise.reject(closed());
		return new Promise((resolve, reject) => {
			const id = this.#nextId++;
			this.#waiting.set(id, { resolve, reject });
			connection.port.send({ id, command }, transfer);
		});
	}

	#receive(message: Message): void {
		switch (message.type) {
			case 'answer':
				this.#settle(message.id)?.resolve(message.answer);
				break;
			case 'error':
				this.#settle(message.id)?.reject(new RemoteFailure(message.error));
				break;
			case 'event':
				if (message.event.type === 'status')
					this.#runId =
						message.event.status === 'running' || message.event.status === 'pausing'
							? message.event.runId
							: null;
				if (message.event.type === 'committed') this.#restarts = 0;
				this.#emit(message.event);
				break;
			default:
				message satisfies never;
		}
	}

	#settle(id: number): Waiting | undefined {
		const waiting = this.#waiting.get(id);
		this.#waiting.delete(id);
		return waiting;
	}

	#crashed(reason: string): void {
		this.#connection?.terminate();
		this.#connection = null;
		const runId = this.#runId;
		this.#runId = null;
		const again = !this.#disposed && this.#restarts++ < maxRestarts;
		const failure = new SessionFailure(
			'crashed',
			again
				? `The worker stopped (${reason}) and was opened again; resume goes on from the last finished step.`
				: `The worker stopped again and again (${reason}); resume the run to open it again, or reload the page.`,
		);
		this.#fail(failure);
		if (again) this.#open();
		this.#emit({ type: 'failed', runId, error: describeError(failure) });
	}

	#fail(error: Error): void {
		const waiting = [...this.#waiting.values()];
		this.#waiting.clear();
		for (const { reject } of waiting) reject(error);
		for (const desk of this.#desks) desk.close(error);
		this.#desks.clear();
	}

	#emit(event: SessionEvent): void {
		for (const listener of this.#listeners) listener(event);
	}
}

const closed = (): SessionFailure =>
	new SessionFailure('closed', 'The session is closed; reload the page.');

const runIdOf = (answer: Answer): string =>
	answer.type === 'run-id' ? answer.runId : unexpected(answer);

function unexpected(answer: Answer): never {
	throw new SessionFailure(
		'crashed',
		`The worker answered "${answer.type}" out of turn; reload the page.`,
	);
}
