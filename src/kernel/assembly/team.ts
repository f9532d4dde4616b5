/** @file Several threads at one job: they share out each part of it, and wait for each other between two parts. */
import * as Team from './layout/team';

/** Returns after `wake`, or at once where the number at `at` is no longer `from`; may return without reason. */
export declare function sleep(at: usize, from: i32): void;
/** Wakes all that sleep. */
export declare function wake(): void;

/** Looks at a number so often before it sleeps: a part of the work is short, and waking up takes long. */
const looks: i32 = 20000;

/** The next `count` pieces of this part are the caller's; gives the first. */
export function take(team: usize, count: i32): i32 {
	return atomic.add<i32>(team + Team.taken, count);
}

/** Waits until all threads have ended this part. */
export function meet(team: usize): void {
	const threads = load<i32>(team, Team.threads);
	if (threads == 1) {
		store<i32>(team, 0, Team.taken);
		return;
	}
	const opened = atomic.load<i32>(team + Team.opened);
	if (atomic.add<i32>(team + Team.come, 1) == threads - 1) {
		atomic.store<i32>(team + Team.come, 0);
		atomic.store<i32>(team + Team.taken, 0);
		atomic.add<i32>(team + Team.opened, 1);
		wake();
		return;
	}
	awaitChange(team + Team.opened, opened);
}

/** Waits until the number is no longer `from`. */
export function awaitChange(at: usize, from: i32): void {
	for (let i = 0; i < looks; i++) if (atomic.load<i32>(at) != from) return;
	while (atomic.load<i32>(at) == from) sleep(at, from);
}
