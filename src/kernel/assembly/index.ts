/** @file What the kernel gives: packing of weights, and running jobs, alone or as one of a team of threads. */
import * as Team from './layout/team';
import { awaitChange, wake } from './team';
import { forward } from './forward';
export { pack } from './pack';

/** Runs a job as thread 0; the others are woken, and have ended it when this returns. */
export function run(team: usize, job: usize, scratch: usize): void {
	if (load<i32>(team, Team.threads) > 1) {
		store<u32>(team, <u32>job, Team.jobAddress);
		atomic.add<i32>(team + Team.job, 1);
		wake();
	}
	forward(team, job, 0, scratch);
}

/** Waits for jobs and takes part in them, as thread `thread`, until the team is told to stop. */
export function serve(team: usize, thread: i32, scratch: usize): void {
	let seen = 0;
	while (true) {
		awaitChange(team + Team.job, seen);
		seen++;
		if (atomic.load<i32>(team + Team.stop)) return;
		forward(team, load<u32>(team, Team.jobAddress), thread, scratch);
	}
}
