/** @file Watchdog of a worker: how long it may be silent, and what makes it longer. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
	announceWork,
	busyMs,
	sendHeartbeats,
	silenceMs,
	watchHeartbeats,
	type Heartbeat,
} from '#base/concurrency/heartbeat.ts';

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

function watched() {
	const lost = vi.fn<(reason: string) => void>();
	const watchdog = watchHeartbeats({ locks: undefined, limit: () => silenceMs, onLost: lost });
	return { lost, watchdog };
}

test('a silent worker is lost within six seconds', () => {
	const { lost, watchdog } = watched();
	watchdog.heard({});
	vi.advanceTimersByTime(6_000);
	expect(lost).toHaveBeenCalledExactlyOnceWith('it did not answer for 5 seconds');
});

test('a worker may announce a longer piece of work, up to two minutes, until it is heard again', () => {
	const beats: Heartbeat[] = [];
	void sendHeartbeats((beat) => beats.push(beat), undefined);
	vi.clearAllTimers();
	const { lost, watchdog } = watched();
	const beat = (): void => {
		const last = beats.at(-1);
		if (last) watchdog.heard(last);
	};
	announceWork(10e9);
	expect(beats.at(-1)?.within).toBe(20_000);
	beat();
	vi.advanceTimersByTime(19_000);
	expect(lost).not.toHaveBeenCalled();
	announceWork(1e15);
	beat();
	vi.advanceTimersByTime(busyMs - 1000);
	expect(lost).not.toHaveBeenCalled();
	watchdog.heard({ heartbeat: true, life: null });
	vi.advanceTimersByTime(6_000);
	expect(lost).toHaveBeenCalledOnce();
	const before = beats.length;
	announceWork(1e6); // moments: not worth a message
	expect(beats).toHaveLength(before);
});
