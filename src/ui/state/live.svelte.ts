/** @file Session of the page: opened on first need, its events passed to the world in small batches. */
import type { Compute } from '#platform/compute.ts';
import type { SessionEvent } from '#runs/session.ts';
import type { SessionError } from '#base/failure.ts';
import type { ApiListener, WorkerClient } from '#worker/api.ts';

export type OpenSession = (compute: Compute) => Promise<WorkerClient>;

/** Milliseconds in which events are gathered, so that a burst is drawn once. */
const gatherMs = 60;

export class Live {
	state = $state.raw<'closed' | 'opening' | 'open' | 'failed'>('closed');
	/** This tab trains; false if another one does, and this one watches. */
	trains = $state.raw(true);
	/** The worker sends signs of life. */
	answers = $state.raw(true);
	/** Rises when what is stored may have changed: lists reload on it. */
	version = $state(0);
	readonly #openSession: OpenSession;
	readonly #onEvents: (events: readonly SessionEvent[]) => void;
	readonly #wanted: () => Compute;
	#session: Promise<WorkerClient> | undefined;
	#compute: Compute | undefined;
	#gathered: SessionEvent[] = [];
	#timer: ReturnType<typeof setTimeout> | undefined;
	/** End the subscriptions to the open session. */
	#unsubscribe: readonly (() => void)[] = [];
	/** Listeners of every session; they outlive each. */
	readonly #listeners = new Set<ApiListener>();

	constructor(
		openSession: OpenSession,
		wanted: () => Compute,
		onEvents: (events: readonly SessionEvent[]) => void,
	) {
		this.#openSession = openSession;
		this.#wanted = wanted;
		this.#onEvents = onEvents;
	}

	/** The session; a failed opening can be tried again. */
	open(): Promise<WorkerClient> {
		if (this.#session) return this.#session;
		this.state = 'opening';
		this.#compute = this.#wanted();
		this.#session = this.#openSession(this.#compute).then(
			(session) => {
				this.state = 'open';
				this.#unsubscribe = [
					session.subscribe((event) => {
						this.#gather(event);
					}),
					session.listen((event) => {
						if (event.type === 'role') this.trains = event.trains;
						if (event.type === 'answers') this.answers = event.answers;
						for (const listener of this.#listeners) listener(event);
					}),
				];
				return session;
			},
			(error: unknown) => {
				this.state = 'failed';
				this.#session = undefined;
				throw error;
			},
		);
		return this.#session;
	}

	/** The session for a run that begins or goes on: reopened if the compute back end has changed. */
	async openForRun(): Promise<WorkerClient> {
		if (this.#session !== undefined && this.#compute !== this.#wanted()) await this.dispose();
		return this.open();
	}

	/** Subscribes to the events of every session, this one and later ones; returns the unsubscribe function. */
	listen(listener: ApiListener): () => void {
		this.#listeners.add(listener);
		return () => void this.#listeners.delete(listener);
	}

	/** Draws what has been gathered, now. */
	flush(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const events = this.#gathered;
		this.#gathered = [];
		if (events.length > 0) this.#onEvents(events);
		if (events.some((event) => event.type !== 'progress')) this.version++;
	}

	#gather(event: SessionEvent): void {
		this.#gathered.push(event);
		this.#timer ??= setTimeout(() => {
			this.flush();
		}, gatherMs);
	}

	async dispose(): Promise<void> {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		for (const unsubscribe of this.#unsubscribe) unsubscribe();
		this.#unsubscribe = [];
		const session = this.#session;
		this.#session = undefined;
		this.state = 'closed';
		if (session) await (await session).dispose();
	}
}

/** An error of any kind as what the banner shows. */
export function asSessionError(error: unknown): SessionError {
	const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
	const message = error instanceof Error ? error.message : String(error);
	return { code, message };
}
