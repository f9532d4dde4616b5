/** @file Work sharing and barrier of the threads of one job. */
import * as Team from './layout/team';

/** Futex wait: returns after `wake`, or at once if the number at `at` is not `from`; may return spuriously. */
export declare function sleep(at: usize, from: i32): void;
/** Wakes all sleeping threads. */
export declare function wake(): void;

/** Reads before a thread sleeps: parts of a job are short, and waking takes long. */
const spinLimit: i32 = 20000;

/** Claims the next `count` work items of this part; returns the first. */
export function nextItem(team: usize, count: i32): i32 {
	return atomic.add<i32>(team + Team.claimed, count);
}

/** Barrier: returns when all threads have finished this part. */
export function barrier(team: usize): void {
	const threads = load<i32>(team, Team.threads);
	if (threads == 1) {
		store<i32>(team, 0, Team.claimed);
		return;
	}
	const generation = atomic.load<i32>(team + Team.generation);
	if (atomic.add<i32>(team + Team.arrived, 1) == threads - 1) {
		atomic.store<i32>(team + Team.arrived, 0);
		atomic.store<i32>(team + Team.claimed, 0);
		atomic.add<i32>(team + Team.generation, 1);
		wake();
		return;
	}
	awaitChange(team + Team.generation, generation);
}

/** Waits until the number at `at` is no longer `from`. */
export function awaitChange(at: usize, from: i32): void {
	for (let i = 0; i < spinLimit; i++) if (atomic.load<i32>(at) != from) return;
	while (atomic.load<i32>(at) == from) sleep(at, from);
}
