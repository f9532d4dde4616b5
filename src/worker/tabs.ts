/**
 * @file Leader election between tabs by a Web Lock: the holder trains and broadcasts its events, the others watch.
 * When the holder closes, the next tab takes over.
 */
import { SessionFailure } from '#base/failure.ts';
import type { Session, SessionEvent } from '#runs/session.ts';
import type { RunApi } from './api.ts';
import { callMethod, forwarding } from './forward.ts';

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

/** Messages between tabs. */
type Notice =
	| { readonly type: 'event'; readonly event: SessionEvent }
	/** A tab that begins to watch asks for the present state. */
	| { readonly type: 'hello' };

/** Calls allowed in a watching tab; every other one trains or writes. */
const reads: ReadonlySet<string> = new Set<keyof RunApi>([
	'tryOut',
	'runs',
	'experiences',
	'export',
]);

const lockName = 'evolvarium/trainer';
/** A worker that just died releases the lock after a moment; only then is it clear who trains. */
const graceMs = 400;
const watchingNote = 'Another tab of this browser trains; this one watches.';

/**
 * Opens the session behind the lock. `open` gets a function that returns true if this tab trains.
 */
export async function openWatched(
	open: (trains: () => boolean) => Session,
	platform: { readonly locks: Locks; readonly channel: Broadcast },
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
	readonly #listeners = new Set<(event: SessionEvent) => void>();
	readonly #closing = new AbortController();
	#trains = false;
	/** Ends the hold on the lock. */
	#release: () => void = () => undefined;

	constructor(
		open: (trains: () => boolean) => Session,
		platform: { readonly locks: Locks; readonly channel: Broadcast },
	) {
		this.#session = open(() => this.#trains);
		this.#channel = platform.channel;
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
			const timer = setTimeout(() => {
				isLate = true;
				known();
			}, graceMs);
			const train = (): Promise<void> => {
				clearTimeout(timer);
				this.#trains = true;
				known();
				if (isLate) this.#emit(takenOver);
				return new Promise((release) => (this.#release = release));
			};
			locks.request(lockName, { signal: this.#closing.signal }, train).catch(() => known()); // closed while it waited
		});
	}

	#receive(notice: Notice): void {
		switch (notice.type) {
			case 'event':
				if (!this.#trains) this.#emit(notice.event);
				break;
			case 'hello':
				if (this.#trains)
					this.#session.subscribe((event) => this.#broadcast({ type: 'event', event }))();
				break;
			default:
				notice satisfies never;
		}
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
	note: 'The tab that trained is gone; this one trains now. Resume its run to go on.',
};
