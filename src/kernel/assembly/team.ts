/** @file Work sharing and barrier of the threads of one job. */
import * as Team from './layout/team';

/** Futex wait: returns after `wake`, or at once if the number at `at` is not `from`; may return spuriously. */
export declare function sleep(at: usize, from: i32): void;
/** Wakes all sleeping threads. */
export declare function wake(): void;

/** Reads before a thread sleeps: parts of a job are short, and waking takes long; more would hold a core that others want. */
const spinLimit: i32 = 20000;

/** Claims the next `count` work items of this part; returns the first. */
export function nextItem(team: usize, count: i32): i32 {
	return atomic.add<i32>(team + Team.claimed, count);
}

function lineOf(team: usize, thread: i32): usize {
	return team + Team.lines + <usize>thread * Team.lineBytes;
}

/**
 * Begins a part whose items are split into a share of neighbours for each thread: a counter that two threads write costs some
 * 1.5 µs a claim, one's own next to nothing, and memory is read in order. All begin the same parts, with a barrier between.
 */
export function beginShares(team: usize, thread: i32): void {
	const own = lineOf(team, thread);
	const part = load<i32>(own, Team.part) + 1;
	store<i32>(own, part, Team.part);
	store<i32>(own, thread, Team.share);
	// That of the part before, which all have left, for the next part.
	atomic.store<i32>(own + (part & 1 ? Team.claimedEven : Team.claimedOdd), 0);
}

/** Claims the next of `items` work items, of one's own share while there are any; returns `items` if none is left. */
export function nextOfShares(team: usize, thread: i32, items: i32): i32 {
	const own = lineOf(team, thread);
	const counter = load<i32>(own, Team.part) & 1 ? Team.claimedOdd : Team.claimedEven;
	const threads = load<i32>(team, Team.threads);
	let share = load<i32>(own, Team.share);
	do {
		const item = (items * share) / threads + atomic.add<i32>(lineOf(team, share) + counter, 1);
		if (item < (items * (share + 1)) / threads) {
			store<i32>(own, share, Team.share);
			return item;
		}
		share = share + 1 == threads ? 0 : share + 1;
	} while (share != thread);
	return items;
}

/** Barrier: returns when all threads have finished this part. */
export function barrier(team: usize): void {
	if (arrivesLast(team)) release(team);
}

/** Barrier of which the last thread returns true at once and must `release` the others, which return false after that. */
export function arrivesLast(team: usize): bool {
	const threads = load<i32>(team, Team.threads);
	if (threads == 1) return true;
	const generation = atomic.load<i32>(team + Team.generation);
	if (atomic.add<i32>(team + Team.arrived, 1) == threads - 1) return true;
	awaitChange(team, team + Team.generation, generation);
	return false;
}

/** Begins the next part, with none of its work items claimed. */
export function release(team: usize): void {
	atomic.store<i32>(team + Team.arrived, 0);
	atomic.store<i32>(team + Team.claimed, 0);
	atomic.add<i32>(team + Team.generation, 1);
	wakeSleeping(team);
}

/** Wakes the others after a change that they wait for; a thread that is counted later sees the change before it sleeps. */
export function wakeSleeping(team: usize): void {
	if (atomic.load<i32>(team + Team.sleeping)) wake();
}

/** Waits until the number at `at` is no longer `from`. */
export function awaitChange(team: usize, at: usize, from: i32): void {
	for (let i = 0; i < spinLimit; i++) if (atomic.load<i32>(at) != from) return;
	atomic.add<i32>(team + Team.sleeping, 1);
	while (atomic.load<i32>(at) == from) sleep(at, from);
	atomic.sub<i32>(team + Team.sleeping, 1);
}
