/** @file Deadlines of graph runs: one call of ONNX Runtime sends no heartbeat, so earlier runs tell how long it may take. */
import { busyMs, silenceMs } from '#base/concurrency/heartbeat.ts';
import type { Feeds } from './runtime.ts';

/** How much slower than the slowest so far a run may be: another length, whose attention is quadratic, or a busy machine. */
const margin = 20;

/** Deadlines by session, learnt from the numbers that were fed and the time that it took. */
export interface Deadlines {
	/** Milliseconds for a run, between those of a worker that beats and those of one that is busy. */
	of(session: number, feeds: Feeds): number;
	measured(session: number, feeds: Feeds, ms: number): void;
	forget(session: number): void;
}

export function createDeadlines(): Deadlines {
	/** Milliseconds per number fed, of the slowest run of each session. */
	const slowest = new Map<number, number>();
	return {
		of: (session, feeds) => {
			const rate = slowest.get(session);
			if (rate === undefined) return busyMs;
			return Math.min(busyMs, Math.max(silenceMs, margin * rate * sizeOf(feeds)));
		},
		measured: (session, feeds, ms) => {
			slowest.set(session, Math.max(slowest.get(session) ?? 0, ms / sizeOf(feeds)));
		},
		forget: (session) => {
			slowest.delete(session);
		},
	};
}

const sizeOf = (feeds: Feeds): number =>
	Object.values(feeds).reduce((sum, { data }) => sum + data.length, 1);
