/** @file Exports of the kernel: weight packing, and jobs run by one thread or a team. */
import * as Team from './layout/team';
import { awaitChange, wakeSleeping } from './team';
import { forward } from './forward';
import { learn } from './learn';
export { pack } from './pack';

/** First address above the static data of the module. */
export function heapBase(): usize {
	return __heap_base;
}

/** Dispatch by the first word of a job: the address of its model, or 0 for a training job. */
function work(team: usize, job: usize, thread: i32, scratch: usize): void {
	if (load<u32>(job)) forward(team, job, thread, scratch);
	else learn(team, job, thread, scratch);
}

/** Run of a job as thread 0. The other threads are woken first, and have finished it on return. */
export function run(team: usize, job: usize, scratch: usize): void {
	if (load<i32>(team, Team.threads) > 1) {
		store<u32>(team, <u32>job, Team.jobAddress);
		atomic.add<i32>(team + Team.job, 1);
		wakeSleeping(team);
	}
	work(team, job, 0, scratch);
}

/** Worker loop of thread `thread`: waits for jobs and runs its share until the team stops. */
export function serve(team: usize, thread: i32, scratch: usize): void {
	let seen = 0;
	while (true) {
		awaitChange(team, team + Team.job, seen);
		seen++;
		if (atomic.load<i32>(team + Team.stop)) return;
		work(team, load<u32>(team, Team.jobAddress), thread, scratch);
	}
}
