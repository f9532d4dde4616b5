/**
 * @file Heartbeat of a worker and the watchdog of its parent. A worker that spins stays silent; one that is closed
 * releases a Web Lock as well, and is noticed at once, however long its call may take.
 */
import { randomName } from '../random-name.ts';

/** Milliseconds between two beats, and between two looks of the watchdog. */
export const beatMs = 500;

/**
 * Silence in milliseconds after which a worker counts as lost, unless it announced a longer piece of work. The longest
 * stretch without an announcement that was measured (SmolLM2-135M, `scripts/bench-silence.ts`) is 1.2 s, while ten
 * processes shared two cores; ending a worker that works costs its step.
 */
export const silenceMs = 5_000;

/** The same while a worker loads its script, or works where it cannot beat (one call of ONNX Runtime, a model read). */
export const busyMs = 120_000;

/** Message of a worker that is alive; `life` is the Web Lock that it holds as long as it lives, if there are any. */
export interface Heartbeat {
	readonly heartbeat: true;
	readonly life: string | null;
	/** Milliseconds that the next beat may take: a piece of work begins that cannot be interrupted. */
	readonly within?: number;
}

/** FLOP of one millisecond on one core that five others use as well: a third of what was measured there. */
const slowFlopPerMs = 5e5;

/** Set in a worker that sends heartbeats. */
let announce: ((within: number) => void) | undefined;

/** To be called before a synchronous piece of work of so many FLOP: the parent waits longer if it may take long. */
export function announceWork(flop: number): void {
	const within = flop / slowFlopPerMs;
	if (within > silenceMs / 2) announce?.(Math.ceil(within));
}

/** The part of `navigator.locks` that is needed; undefined over plain http. */
export interface LifeLocks {
	request(
		name: string,
		options: { readonly signal?: AbortSignal },
		work: () => Promise<unknown>,
	): Promise<unknown>;
}

export const isHeartbeat = (message: unknown): message is Heartbeat =>
	typeof message === 'object' && message !== null && Object.hasOwn(message, 'heartbeat');

/**
 * Starts the beats of this worker; they end with it. Resolves once the lock is held and was named: a worker that is closed
 * later is noticed at once.
 */
export function sendHeartbeats(
	post: (beat: Heartbeat) => void,
	locks: LifeLocks | undefined,
): Promise<void> {
	let life: string | null = null;
	const beat = (): void => {
		post({ heartbeat: true, life });
	};
	announce = (within) => {
		post({ heartbeat: true, life, within });
	};
	const name = randomName();
	beat();
	setInterval(beat, beatMs);
	return new Promise((resolve) => {
		if (!locks) resolve();
		locks
			?.request(name, {}, () => {
				life = name;
				beat();
				resolve();
				return new Promise(() => undefined);
			})
			.catch(() => resolve()); // no locks here: silence alone tells
	});
}

export interface WatchdogOptions {
	readonly locks: LifeLocks | undefined;
	/** Milliseconds of silence that are allowed now. */
	limit(): number;
	/** Called when half of the limit has passed in silence (false), and when a late one is heard again (true). */
	onAnswers?(answers: boolean): void;
	/** Called once: why the worker counts as lost. */
	onLost(reason: string): void;
}

export interface Watchdog {
	/** A message came: any is a sign of life. */
	heard(message: unknown): void;
	stop(): void;
}

/**
 * Watches a worker until it is lost or `stop` is called. Time is counted in looks, not by a clock: a page that sleeps or
 * is busy itself looks less often and accuses nobody.
 */
export function watchHeartbeats({ locks, limit, onAnswers, onLost }: WatchdogOptions): Watchdog {
	const ended = new AbortController();
	let silent = 0;
	let granted = 0;
	let isLate = false;
	let isFollowed = false;
	const stop = (): void => {
		clearInterval(timer);
		ended.abort();
	};
	const lost = (reason: string): void => {
		if (ended.signal.aborted) return;
		stop();
		onLost(reason);
	};
	const timer = setInterval(() => {
		silent += beatMs;
		const most = Math.max(limit(), Math.min(granted, busyMs));
		if (silent > most) lost(`it did not answer for ${Math.round(most / 1000)} seconds`);
		else if (silent > most / 2 && !isLate) {
			isLate = true;
			onAnswers?.(false);
		}
	}, beatMs);
	const follow = (life: string): void => {
		isFollowed = true;
		locks
			?.request(life, { signal: ended.signal }, () => {
				lost('it was closed');
				return Promise.resolve();
			})
			.catch(() => undefined); // stopped while it waited
	};
	return {
		heard: (message) => {
			silent = 0;
			granted = isHeartbeat(message) ? (message.within ?? 0) : 0;
			if (isLate) {
				isLate = false;
				onAnswers?.(true);
			}
			if (!isFollowed && isHeartbeat(message) && message.life !== null) follow(message.life);
		},
		stop,
	};
}
