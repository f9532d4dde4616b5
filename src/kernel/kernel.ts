/**
 * @file The running kernel: one WebAssembly module over one memory, on this thread and on helper threads that wait for
 * jobs.
 */
import { BackendError } from '#base/backend-error.ts';
import * as Team from './assembly/layout/team.ts';
import { createHeap, type Heap } from './heap.ts';
import { instantiate, ring, type Exports, type Helper } from './thread.ts';

/** A helper thread that serves jobs until the team stops. */
export interface RunningHelper {
	stop(): Promise<void>;
}

export interface Kernel {
	/** Description for people: `kernel, 2 threads`. */
	readonly description: string;
	readonly threads: number;
	readonly heap: Heap;
	readonly pack: Exports['pack'];
	/** Runs a job to its end; the calling thread takes part. */
	run(job: number): void;
	dispose(): Promise<void>;
}

/** Scratch bytes of each thread. */
const scratchBytes = 256;
/** Initial memory in WebAssembly pages. */
const initial = 16;

/** Limits of a kernel; only tests change the defaults. */
export interface KernelLimits {
	/** Milliseconds to wait for a thread before it counts as dead; no part of a job takes that long. */
	readonly patience?: number;
	/** Maximum memory in pages of 64 KB. */
	readonly maximum?: number;
}

/** Starts a kernel; more than one thread needs a build with shared memory. */
export async function startKernel(
	module: WebAssembly.Module,
	threads: number,
	isShared: boolean,
	startHelper: (helper: Helper) => Promise<RunningHelper>,
	{ patience = 30_000, maximum = 65_536 }: KernelLimits = {},
): Promise<Kernel> {
	const memory = reserve(maximum, isShared);
	const bell = new Int32Array(isShared ? new SharedArrayBuffer(4) : new ArrayBuffer(4));
	const shared = { module, memory, bell };
	const exports = await instantiate(shared, patience);
	const heap = createHeap(memory, exports.heapBase());
	const team = heap.allocate(Team.lines + threads * Team.lineBytes);
	const scratch = heap.allocate(scratchBytes);
	const words = (): Int32Array => new Int32Array(memory.buffer, team, Team.lines / 4);
	words()[Team.threads / 4] = threads;
	let isRunning = true;
	const helpers: RunningHelper[] = [];
	const dispose = async (): Promise<void> => {
		isRunning = false;
		Atomics.store(words(), Team.stop / 4, 1);
		Atomics.add(words(), Team.job / 4, 1);
		if (isShared) ring(bell);
		await Promise.all(helpers.splice(0).map((helper) => helper.stop()));
	};
	const started = await Promise.allSettled(
		Array.from({ length: threads - 1 }, async (_, i) => {
			const own = { team, thread: i + 1, scratch: heap.allocate(scratchBytes) };
			helpers.push(await startHelper({ ...shared, ...own }));
		}),
	);
	for (const one of started)
		if (one.status === 'rejected') {
			await dispose();
			throw lost(one.reason);
		}
	return {
		description: `kernel, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
		threads,
		heap,
		pack: exports.pack,
		run: (job) => {
			if (!isRunning) throw lost();
			try {
				exports.run(team, job, scratch);
			} catch (cause) {
				// The other threads may be anywhere in this job, so no other can begin.
				isRunning = false;
				throw lost(cause);
			}
		},
		dispose,
	};
}

const lost = (cause?: unknown): BackendError =>
	new BackendError(
		'device-lost',
		'The kernel has stopped, or one of its threads no longer answers; open the model again.',
		{ cause },
	);

/** Memory that can grow to `maximum` pages, halved until the address space can be reserved. */
function reserve(maximum: number, shared: boolean): WebAssembly.Memory {
	try {
		return new WebAssembly.Memory({ initial, maximum, shared });
	} catch (cause) {
		if (maximum > 1024) return reserve(maximum / 2, shared);
		throw new BackendError(
			'out-of-memory',
			'This machine has no memory left for a model; close other tabs or programs, then open the model again.',
			{ cause },
		);
	}
}
