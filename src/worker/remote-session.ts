/**
 * @file Client of the worker API in the page. When the worker dies, a new one is opened over the same store: nothing
 * finished is lost, and the run can be resumed.
 */
import { SessionFailure } from '#base/failure.ts';
import type { OpenOptions } from '#platform/compute.ts';
import { describeError } from '#runs/describe-error.ts';
import type { SessionEvent } from '#runs/session.ts';
import type { ApiEvent, ApiListener, WorkerClient } from './api.ts';
import { forwarding } from './forward.ts';
import { connectApi, type ApiConnection, type Channel } from './rpc.ts';

/** A connected worker, as far as is known. */
export interface Connection {
	readonly channel: Channel;
	/** Called when the worker dies: an uncaught error, a script that does not load, an unreadable message. */
	onCrash(listener: (reason: string) => void): void;
	terminate(): void;
}

/** Restarts without a finished step between, after which the client waits for the next call. */
const maxRestarts = 3;

/** Opens a worker and restarts it after crashes; every method but those named here is a call to it. */
export function openRemoteSession(connect: () => Connection, options: OpenOptions): WorkerClient {
	const workers = new Workers(connect, options);
	const own = {
		subscribe: (listener: (event: SessionEvent) => void) =>
			workers.listen((event) => {
				if (isSessionEvent(event)) listener(event);
			}),
		listen: (listener: ApiListener) => workers.listen(listener),
		dispose: () => workers.dispose(),
	};
	return forwarding<typeof own, WorkerClient>(own, (method, args) => workers.call(method, args));
}

/** The current worker and its restarts. */
class Workers {
	readonly #connect: () => Connection;
	readonly #options: OpenOptions;
	readonly #listeners = new Set<ApiListener>();
	#current: { readonly connection: Connection; readonly api: ApiConnection } | null = null;
	#opened: Promise<unknown> = Promise.resolve();
	#restarts = 0;
	/** The run under way, to name it when the worker dies. */
	#runId: string | null = null;
	#disposed = false;

	constructor(connect: () => Connection, options: OpenOptions) {
		this.#connect = connect;
		this.#options = options;
		this.#open();
	}

	listen(listener: ApiListener): () => void {
		// A function of its own, so that one listener can be subscribed twice.
		const subscriber: ApiListener = (event) => listener(event);
		this.#listeners.add(subscriber);
		return () => void this.#listeners.delete(subscriber);
	}

	async call(method: string, args: readonly unknown[]): Promise<unknown> {
		if (this.#disposed) throw closed();
		// A call after the last restart opens a worker again.
		if (!this.#current) this.#open();
		await this.#opened;
		return this.#send(method, args);
	}

	async dispose(): Promise<void> {
		if (this.#disposed) return;
		// No new worker is opened only to be closed.
		if (this.#current) await this.call('dispose', []).catch(() => undefined);
		this.#disposed = true;
		this.#current?.connection.terminate();
		this.#current?.api.close(closed());
	}

	#open(): void {
		const connection = this.#connect();
		const isCurrent = (): boolean => this.#current?.connection === connection;
		const api = connectApi(connection.channel, (event) => {
			if (isCurrent()) this.#receive(event);
		});
		this.#current = { connection, api };
		connection.onCrash((reason) => {
			if (isCurrent()) this.#crashed(reason);
		});
		this.#opened = this.#send('open', [this.#options]);
		this.#opened.catch((error: unknown) => {
			if (isCurrent() && !this.#disposed)
				this.#emit({ type: 'failed', runId: null, error: describeError(error) });
		});
	}

	async #send(method: string, args: readonly unknown[]): Promise<unknown> {
		if (this.#disposed || !this.#current) throw closed();
		return this.#current.api.call(method, args);
	}

	#receive(event: ApiEvent): void {
		if (event.type === 'status') {
			const isUnderWay = event.status === 'running' || event.status === 'pausing';
			this.#runId = isUnderWay ? event.runId : null;
		}
		if (event.type === 'committed') this.#restarts = 0;
		this.#emit(event);
	}

	#crashed(reason: string): void {
		const dead = this.#current;
		this.#current = null;
		dead?.connection.terminate();
		const runId = this.#runId;
		this.#runId = null;
		const again = !this.#disposed && this.#restarts++ < maxRestarts;
		const failure = new SessionFailure(
			'crashed',
			again
				? `The worker stopped (${reason}) and was opened again; resume goes on from the last finished step.`
				: `The worker stopped again and again (${reason}); resume the run to open it again, or reload the page.`,
		);
		dead?.api.close(failure);
		if (again) this.#open();
		this.#emit({ type: 'failed', runId, error: describeError(failure) });
	}

	#emit(event: ApiEvent): void {
		for (const listener of this.#listeners) listener(event);
	}
}

/** Types of run events; the compiler checks that the list is complete. */
const sessionEvents: Readonly<Record<SessionEvent['type'], true>> = {
	opened: true,
	run: true,
	status: true,
	began: true,
	progress: true,
	committed: true,
	failed: true,
};

const isSessionEvent = (event: ApiEvent): event is SessionEvent =>
	Object.hasOwn(sessionEvents, event.type);

const closed = (): SessionFailure =>
	new SessionFailure('closed', 'The session is closed; reload the page.');
