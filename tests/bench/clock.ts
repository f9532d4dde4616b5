/**
 * @file Clock of a benchmark in the page: with one thread the processor time of Chromium's renderers, which the server of
 * the benchmarks tells on Linux, so that other programs on the machine do not count; otherwise the time of day.
 */
import { processorTimePath } from './processor-time.ts';

/** Milliseconds; undefined where the server cannot tell. */
function processorTime(): number | undefined {
	const request = new XMLHttpRequest();
	// Answered before the page goes on: a main thread that computes must not run ahead of its own clock.
	request.open('GET', processorTimePath, false);
	request.send();
	const told = request.status === 200 ? Number(request.responseText) : NaN;
	return told > 0 ? told : undefined;
}

export interface Clock {
	/** Milliseconds since some time. */
	readonly now: () => number;
	readonly name: 'processor time' | 'time of day';
}

export const openClock = (threads: number): Clock =>
	threads === 1 && processorTime() !== undefined
		? { now: () => processorTime() ?? NaN, name: 'processor time' }
		: { now: () => performance.now(), name: 'time of day' };
