/**
 * @file Leader election between tabs by a Web Lock: the holder trains and broadcasts its events, the others watch.
 * When the holder is gone, the next tab takes over and goes on with its run.
 */
import { SessionFailure } from '#base/failure.ts';
import { randomName } from '#base/random-name.ts';
import { describeError } from '#runs/describe-error.ts';
import type { Session, SessionEvent } from '#runs/session.ts';
import type { RunApi } from './api.ts';
import { callMethod, forwarding } from './forward.ts';
import { createRelay, type RelayMessage } from './relay.ts';

/** The part of `navigator.locks` that is needed. */
export interface Locks {
	request(
		name: string,
		options: { readonly signal: AbortSignal },
		work: () => Promise<unknown>,
	): Promise<unknown>;
}

/** The part of a BroadcastChannel that is needed. */
export interface Broadcast {
	postMessage(message: unknown): void;
	onmessage: ((event: MessageEvent) => void) | null;
	close(): void;
}

/** The machine's part of it. */
export interface TabPlatform {
	readonly locks: Locks;
	readonly channel: Broadcast;
	/** Told at the beginning, and when this tab takes over. */
	onRole?(trains: boolean): void;
}

/** Messages between tabs. */
type Notice =
	| { readonly type: 'event'; readonly event: SessionEvent }
	/** A tab that begins to watch asks for the present state. */
	| { readonly type: 'hello' }
	/** A tab that opens asks whether another one trains; that one says so. */
	| { readonly type: 'who' }
	| { readonly type: 'here' }
	| RelayMessage;

/** Calls answered in a watching tab itself; every other one trains or writes. */
const reads: ReadonlySet<string> = new Set<keyof RunApi>([
	'tryOut',
	'runs',
	'trash',
	'experiences',
	'export',
]);

/** Calls that a watching tab passes on to the one that trains. */
const relayed: ReadonlySet<string> = new Set<keyof RunApi>(['pause', 'stop', 'resume']);

const lockName = 'evolvarium/trainer';
/**
 * Milliseconds after which a tab that still waits for the lock watches, though no other one said that it trains. More than a
 * browser needs to end a worker that spins, which holds the lock until then: nobody else trains meanwhile.
 */
const graceMs = 4000;
const watchingNote = 'Another tab of this browser trains; this one watches.';

/**
 * Opens the session behind the lock. `open` gets a function that returns true if this tab trains.
 */
export async function openWatched(
	open: (trains: () => boolean) => Session,
	platform: TabPlatform,
): Promise<Session> {
	const tab = new Tab(open, platform);
	await tab.ready;
	const own = {
		subscribe: (listener: (event: SessionEvent) => void) => tab.subscribe(listener),
		dispose: () => tab.dispose(),
	};
	return forwarding<typeof own, Session>(own, (method, args) => tab.call(method, args));
}

/** One tab's session and its role. */
class Tab {
	readonly ready: Promise<void>;
	readonly #session: Session;
	readonly #channel: Broadcast;
	readonly #onRole: (trains: boolean) => void;
	readonly #listeners = new Set<(event: SessionEvent) => void>();
	readonly #closing = new AbortController();
	readonly #relay = createRelay(randomName(), (message) => this.#broadcast(message));
	#trains = false;
	/** The run under way in the tab that trains, as far as this one was told. */
	#watched: string | null = null;
	/** Another tab said that it trains. */
	#heardOther: () => void = () => undefined;
	/** Ends the hold on the lock. */
	#release: () => void = () => undefined;

	constructor(open: (trains: () => boolean) => Session, platform: TabPlatform) {
		this.#session = open(() => this.#trains);
		this.#channel = platform.channel;
		this.#onRole = (trains) => platform.onRole?.(trains);
		this.#channel.onmessage = ({ data }: MessageEvent<Notice>) => this.#receive(data);
		this.#session.subscribe((event) => {
			this.#emit(event);
			if (this.#trains) this.#broadcast({ type: 'event', event });
		});
		this.ready = this.#takeRole(platform.locks);
	}

	subscribe(listener: (event: SessionEvent) => void): () => void {
		this.#listeners.add(listener);
		if (this.#trains) this.#session.subscribe(listener)();
		else {
			listener(watching);
			this.#broadcast({ type: 'hello' });
		}
		return () => void this.#listeners.delete(listener);
	}

	async call(method: string, args: readonly unknown[]): Promise<unknown> {
		if (this.#trains || reads.has(method)) return callMethod(this.#session, method, args);
		if (relayed.has(method))
			return this.#relay.ask(method, args, () => callMethod(this.#session, method, args));
		throw new SessionFailure(
			'watching',
			`${watchingNote} Go to that tab, or close it and try again here.`,
		);
	}

	async dispose(): Promise<void> {
		this.#closing.abort();
		await this.#session.dispose();
		this.#release();
		this.#channel.onmessage = null;
		this.#channel.close();
	}

	/** Resolves once the role is known; a watching tab goes on waiting for its turn. */
	#takeRole(locks: Locks): Promise<void> {
		return new Promise((known) => {
			let isLate = false;
			const watch = (): void => {
				if (isLate || this.#trains) return;
				clearTimeout(timer);
				isLate = true;
				this.#onRole(false);
				known();
			};
			const timer = setTimeout(watch, graceMs);
			this.#heardOther = watch;
			const train = (): Promise<void> => {
				clearTimeout(timer);
				this.#trains = true;
				this.#onRole(true);
				this.#broadcast({ type: 'here' });
				known();
				if (isLate) void this.#takeOver();
				return new Promise((release) => (this.#release = release));
			};
			locks.request(lockName, { signal: this.#closing.signal }, train).catch(() => known()); // closed while it waited
			this.#broadcast({ type: 'who' });
		});
	}

	/** Answers what this tab had asked of the one that is gone, or else goes on with the run that was under way there. */
	async #takeOver(): Promise<void> {
		this.#emit(takenOver);
		const runId = this.#watched;
		this.#watched = null;
		if (this.#relay.answerHere() || runId === null) return;
		try {
			await this.#session.resume(runId);
		} catch (error) {
			this.#emit({ type: 'failed', runId, error: describeError(error) });
		}
	}

	#receive(notice: Notice): void {
		switch (notice.type) {
			case 'event':
				if (this.#trains) return;
				this.#follow(notice.event);
				this.#emit(notice.event);
				return;
			case 'hello':
				if (this.#trains)
					this.#session.subscribe((event) => this.#broadcast({ type: 'event', event }))();
				return;
			case 'who':
				if (this.#trains) this.#broadcast({ type: 'here' });
				return;
			case 'here':
				this.#heardOther();
				return;
			case 'ask':
				if (!this.#trains || !relayed.has(notice.method)) return;
				void callMethod(this.#session, notice.method, notice.args).then(
					() => this.#relay.answer(notice, null),
					(error: unknown) => this.#relay.answer(notice, describeError(error)),
				);
				this.#relay.accept(notice);
				return;
			case 'accepted':
			case 'answer':
				this.#relay.receive(notice);
				return;
			default:
				notice satisfies never;
		}
	}

	#follow(event: SessionEvent): void {
		if (event.type === 'status') this.#watched = event.status === 'running' ? event.runId : null;
	}

	#broadcast(notice: Notice): void {
		this.#channel.postMessage(notice);
	}

	#emit(event: SessionEvent): void {
		for (const listener of this.#listeners) listener(event);
	}
}

const watching: SessionEvent = {
	type: 'opened',
	engine: 'watching',
	trainer: 'watching',
	note: watchingNote,
};

const takenOver: SessionEvent = {
	type: 'opened',
	engine: 'not open yet',
	trainer: 'not open yet',
	note: 'The tab that trained is gone; this one trains now.',
};
