/** @file The kernel of our own, running: one module over one memory, on this thread and on helpers that wait for jobs. */
import * as Team from './assembly/layout/team.ts';
import { createHeap, type Heap } from './heap.ts';
import { instantiate, ring, type Exports, type Helper } from './thread.ts';

/** A thread that serves until the team is told to stop. */
export interface RunningHelper {
	stop(): Promise<void>;
}

export interface Kernel {
	/** For people: `kernel, 2 threads`. */
	readonly description: string;
	readonly threads: number;
	readonly heap: Heap;
	readonly pack: Exports['pack'];
	/** Runs a job to its end; this thread works along. */
	run(job: number): void;
	dispose(): Promise<void>;
}

/** Bytes that each thread has for itself. */
const scratchBytes = 256;
/** Pages of WebAssembly at first, and at most: 4 GB. */
const [initial, maximum] = [16, 65_536];

/** No part of a job takes as long, in milliseconds: a thread that is waited for so long is dead. */
const patience = 30_000;

/** Starts a kernel; more than one thread needs a module of the kind that shares its memory. */
export async function startKernel(
	module: WebAssembly.Module,
	threads: number,
	isShared: boolean,
	startHelper: (helper: Helper) => Promise<RunningHelper>,
): Promise<Kernel> {
	const memory = new WebAssembly.Memory({ initial, maximum, shared: isShared });
	const bell = new Int32Array(isShared ? new SharedArrayBuffer(4) : new ArrayBuffer(4));
	const heap = createHeap(memory);
	const team = heap.allocate(Team.bytes);
	const scratch = heap.allocate(scratchBytes);
	const shared = { module, memory, bell };
	const exports = await instantiate(shared, patience);
	const words = (): Int32Array => new Int32Array(memory.buffer, team, Team.bytes / 4);
	words()[Team.threads / 4] = threads;
	const helpers = await Promise.all(
		Array.from({ length: threads - 1 }, (_, i) =>
			startHelper({ ...shared, team, thread: i + 1, scratch: heap.allocate(scratchBytes) }),
		),
	);
	return {
		description: `kernel, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
		threads,
		heap,
		pack: exports.pack,
		run: (job) => {
			exports.run(team, job, scratch);
		},
		dispose: async () => {
			Atomics.store(words(), Team.stop / 4, 1);
			Atomics.add(words(), Team.job / 4, 1);
			if (helpers.length > 0) ring(bell);
			await Promise.all(helpers.map((helper) => helper.stop()));
		},
	};
}
