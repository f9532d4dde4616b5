/** @file What the kernel gives: packing of weights, and running jobs, alone or as one of a team of threads. */
import * as Team from './layout/team';
import { awaitChange, wake } from './team';
import { forward } from './forward';
import { learn } from './learn';
export { pack } from './pack';

/** Where memory begins that no table of a library lies in. */
export function heapBase(): usize {
	return __heap_base;
}

/** A job begins with the model that it runs; one of learning with 0. */
function work(team: usize, job: usize, thread: i32, scratch: usize): void {
	if (load<u32>(job)) forward(team, job, thread, scratch);
	else learn(team, job, thread, scratch);
}

/** Runs a job as thread 0; the others are woken, and have ended it when this returns. */
export function run(team: usize, job: usize, scratch: usize): void {
	if (load<i32>(team, Team.threads) > 1) {
		store<u32>(team, <u32>job, Team.jobAddress);
		atomic.add<i32>(team + Team.job, 1);
		wake();
	}
	work(team, job, 0, scratch);
}

/** Waits for jobs and takes part in them, as thread `thread`, until the team is told to stop. */
export function serve(team: usize, thread: i32, scratch: usize): void {
	let seen = 0;
	while (true) {
		awaitChange(team + Team.job, seen);
		seen++;
		if (atomic.load<i32>(team + Team.stop)) return;
		work(team, load<u32>(team, Team.jobAddress), thread, scratch);
	}
}
