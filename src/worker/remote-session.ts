/**
 * @file Client of the worker API in the page. When the worker dies or no longer answers, a new one is opened over the same
 * store: nothing finished is lost, and the run goes on from its last step.
 */
import { isCoded } from '#base/coded-error.ts';
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
	/** Called when the worker dies or is silent: an uncaught error, a script that does not load, no heartbeat. */
	onCrash(listener: (reason: string) => void): void;
	/** Called when the worker is late with its signs of life (false) and when it is heard again (true). */
	onAnswers?(listener: (answers: boolean) => void): void;
	terminate(): void;
}

/** Restarts without a finished step between, after which the client waits for the next call. */
const maxRestarts = 3;

/** Milliseconds in which a stop must take effect; the worker is ended after that. */
const stopMs = 5000;

/**
 * Opens a worker and restarts it after crashes; every method but those named here is a call to it. `connect` is told how
 * many workers were lost before.
 */
export function openRemoteSession(
	connect: (losses: number) => Connection,
	options: OpenOptions,
): WorkerClient {
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

interface Run {
	readonly id: string;
	readonly wish: 'go on' | 'pause' | 'stop';
}

/** The current worker and its restarts. */
class Workers {
	readonly #connect: (losses: number) => Connection;
	readonly #options: OpenOptions;
	readonly #listeners = new Set<ApiListener>();
	#current: { readonly connection: Connection; readonly api: ApiConnection } | null = null;
	#opened: Promise<unknown> = Promise.resolve();
	#restarts = 0;
	/** Workers that were lost since the page was opened. */
	#losses = 0;
	/** The run under way, and what a person last asked of it. */
	#run: Run | null = null;
	#disposed = false;

	constructor(connect: (losses: number) => Connection, options: OpenOptions) {
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
		if (method === 'pause') this.#wish('pause');
		if (method === 'stop') return this.#stop(args);
		return this.#send(method, args);
	}

	#wish(wish: 'pause' | 'stop'): void {
		if (this.#run) this.#run = { ...this.#run, wish };
	}

	/** A worker that does not stop in time is ended, and the run stopped by the next one. */
	async #stop(args: readonly unknown[]): Promise<unknown> {
		const under = this.#run;
		this.#wish('stop');
		const asked = this.#current;
		const timer = setTimeout(() => {
			if (under && this.#current === asked) this.#crashed('it did not stop in time');
		}, stopMs);
		try {
			return await this.#send('stop', args);
		} catch (error) {
			// What was asked for has been done: `#crashed` saw to it.
			if (under && this.#current !== asked && !this.#disposed) return await this.#opened;
			throw error;
		} finally {
			clearTimeout(timer);
		}
	}

	async dispose(): Promise<void> {
		if (this.#disposed) return;
		// No new worker is opened only to be closed.
		if (this.#current) await this.call('dispose', []).catch(() => undefined);
		this.#disposed = true;
		this.#current?.connection.terminate();
		this.#current?.api.close(closed());
	}

	#open(run: Run | null = null): void {
		const connection = this.#connect(this.#losses);
		const isCurrent = (): boolean => this.#current?.connection === connection;
		const api = connectApi(connection.channel, (event) => {
			if (isCurrent()) this.#receive(event);
		});
		this.#current = { connection, api };
		connection.onCrash((reason) => {
			if (isCurrent()) this.#crashed(reason);
		});
		connection.onAnswers?.((answers) => {
			if (isCurrent()) this.#emit({ type: 'answers', answers });
		});
		const opened = this.#send('open', [this.#options]);
		// A stop that is waited for ends with it; a run that goes on does not keep other calls waiting.
		this.#opened = run?.wish === 'stop' ? opened.then(() => this.#carryOut(run)) : opened;
		if (run && run.wish !== 'stop')
			void opened.then(
				() => this.#carryOut(run),
				() => undefined,
			);
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
		if (event.type === 'status') this.#follow(event);
		if (event.type === 'committed') this.#restarts = 0;
		this.#emit(event);
	}

	#follow({ runId, status }: Extract<SessionEvent, { type: 'status' }>): void {
		if (status === 'running') this.#run = { id: runId, wish: 'go on' };
		else if (status === 'pausing') this.#run = { id: runId, wish: 'pause' };
		else this.#run = null;
	}

	#crashed(reason: string): void {
		const dead = this.#current;
		this.#current = null;
		this.#losses++;
		dead?.connection.terminate();
		const run = this.#run;
		this.#run = null;
		const again = !this.#disposed && this.#restarts++ < maxRestarts;
		const failure = new SessionFailure(
			'crashed',
			again
				? `The worker was ended (${reason}) and opened again; ${whatFollows(run?.wish)}`
				: `The worker stopped again and again (${reason}); resume the run to open it again, or reload the page.`,
		);
		if (again) this.#open(run);
		dead?.api.close(failure);
		this.#emit({ type: 'answers', answers: true });
		this.#emit({ type: 'failed', runId: run?.id ?? null, error: describeError(failure) });
	}

	/** Last wish of a person for the run, asked of the next worker. */
	async #carryOut({ id, wish }: Run): Promise<void> {
		switch (wish) {
			case 'go on':
				await this.#send('resume', [id]).catch((error: unknown) => {
					// Another tab trains now, and went on with it.
					if (isCoded(error) && error.code === 'busy') return;
					this.#emit({ type: 'failed', runId: id, error: describeError(error) });
				});
				return;
			case 'stop':
				await this.#send('stop', [id]);
				return;
			case 'pause':
				this.#emit({ type: 'status', runId: id, status: 'paused' });
				return;
			default:
				wish satisfies never;
		}
	}

	#emit(event: ApiEvent): void {
		for (const listener of this.#listeners) listener(event);
	}
}

const whatFollows = (wish: Run['wish'] | undefined): string => {
	switch (wish) {
		case undefined:
			return 'ask again.';
		case 'go on':
			return 'the run goes on from its last finished step.';
		case 'pause':
			return 'the run waits at its last finished step.';
		case 'stop':
			return 'the run stays at its last finished step.';
		default:
			return wish satisfies never;
	}
};

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
